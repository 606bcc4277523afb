"""What `bnparity fuzz` has found, put to the chosen backends again: ``--bn-state DIR``."""

import pytest
from bnparity.backends import Opened
from bnparity.cases import Case, declaration
from bnparity.judging import run_case

from bnparity_suites.following import assert_follows


def test_backend_is_right_where_another_was_not(
    bn_backend: Opened, bn_found: tuple[str, Case]
) -> None:
    """The smallest case of each symptom of a campaign passes."""
    dialect, case = bn_found
    capabilities = bn_backend.capabilities
    if dialect != capabilities.dialect:
        pytest.skip(f"it was found of the dialect {dialect}")
    if case.dtype not in capabilities.dtypes or len(case.shape) not in capabilities.ranks:
        pytest.skip(f"it takes no {case.dtype} data of rank {len(case.shape)}")
    assert bn_backend.ask is not None
    assert_follows(run_case(bn_backend.ask, case, declaration(dialect).dialect))
