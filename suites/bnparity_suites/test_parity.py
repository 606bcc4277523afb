"""Every backend follows the dialect it declares, on cases drawn over the whole space."""

import hypothesis
import pytest
from bnparity.backends.open import Opened
from bnparity.case import Case
from bnparity.dialects import declaration
from bnparity.examine import examine
from bnparity.strategies import RANKS, cases

from bnparity_suites.following import assert_follows


@pytest.mark.parametrize("rank", RANKS)
def test_backend_follows_its_dialect(bn_backend: Opened, rank: int) -> None:
    """Every output of every case lies within the bound that any order of summation keeps."""
    declared = declaration(bn_backend.capabilities.dialect)
    if rank not in bn_backend.capabilities.ranks:
        pytest.skip(f"it takes no data of rank {rank}")
    dtype = bn_backend.capabilities.dtypes[0]
    executed = 0

    @hypothesis.settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    @hypothesis.given(cases(declared, dtypes=(dtype,), ranks=(rank,)))
    def follows(case: Case) -> None:
        nonlocal executed
        assert bn_backend.ask is not None
        examination = examine(bn_backend.ask, case, declared.dialect)
        assert_follows(examination)
        executed += bool(examination.checks)

    follows()
    assert executed, "no case of this rank was executed: nothing was checked"
