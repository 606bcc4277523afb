"""Every backend follows the dialect it declares, on cases drawn over the whole space."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from bnparity.backends import Name, Opened
from bnparity.cases import RANKS
from bnparity.results import Judgement
from bnparity.sessions import Plan, judge_by_cases

from bnparity_suites.deviations import known_deviation


@pytest.mark.parametrize("rank", RANKS)
def test_backend_follows_its_dialect(
    bn_name: Name,
    bn_backend: Opened,
    bn_plan: Plan,
    bn_accept: Callable[[Judgement], None],
    rank: int,
) -> None:
    """Every output of every case lies within the bound that any order of summation keeps."""
    if rank not in bn_backend.capabilities.ranks:
        pytest.skip(f"{bn_name.text} takes no data of rank {rank}")
    # Two values a channel at least: frameworks differ over fewer, and `bnparity run` tells how.
    capabilities = replace(bn_backend.capabilities, degenerate=False)
    backend = replace(bn_backend, capabilities=capabilities)
    plan = replace(bn_plan, seed=bn_plan.seed + rank)
    judgement = judge_by_cases(bn_name, backend, plan, ranks=(rank,))
    try:
        bn_accept(judgement)
    except pytest.fail.Exception:
        if reason := known_deviation(bn_name, bn_backend, judgement):
            pytest.xfail(reason)
        raise
