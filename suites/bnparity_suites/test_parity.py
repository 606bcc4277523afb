"""Every backend follows the dialect it declares, on cases drawn over the whole space."""

from collections.abc import Callable

import pytest
from bnparity.backends import Name, Opened
from bnparity.cases import RANKS
from bnparity.results import Judgement

from bnparity_suites.deviations import known_deviation
from bnparity_suites.following import judgement_of


@pytest.mark.parametrize("rank", RANKS)
def test_backend_follows_its_dialect(
    bn_name: Name,
    bn_backend: Opened,
    bn_examples: int,
    bn_accept: Callable[[Judgement], None],
    rank: int,
) -> None:
    """Every output of every case lies within the bound that any order of summation keeps."""
    if rank not in bn_backend.capabilities.ranks:
        pytest.skip(f"{bn_name.text} takes no data of rank {rank}")
    judgement = judgement_of(bn_name, bn_backend, rank, bn_examples)
    try:
        bn_accept(judgement)
    except pytest.fail.Exception:
        if reason := known_deviation(bn_name, bn_backend, judgement):
            pytest.xfail(reason)
        raise
