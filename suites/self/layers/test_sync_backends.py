"""The synchronised layers as backends: one verdict on what several ranks put together."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.backends.load import load_target
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.layers import ranks, torch_api
from bnparity.layers.layer import Gradients
from bnparity.layers.shards import common, shares

each_api = pytest.mark.parametrize("api", ["torch", "mindspore"])


def result_of(api: str, case: Case) -> CaseResult:
    """Return what the variant ``sync`` makes of `case`."""
    backend = load_target(f"bnparity.layers.backends:{api.upper()}_API", "sync")
    return run_case(in_process(backend), case, declaration(api).dialect)


@each_api
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("batch", [0, 2, 3, 7])
def test_ranks_together_pass(api: str, training: bool, batch: int) -> None:
    """With every output checked, in both modes, however few samples there are to share."""
    momentum = 0.25 if api == "torch" else 0.75
    case = Case(shape=(batch, 3, 2, 2), training=training, momentum=momentum)
    case_result = result_of(api, case)
    assert case_result.fault is None
    assert {check.verdict for check in case_result.checks} == {"pass"}
    checked = {check.output for check in case_result.checks}
    assert checked == set(case_result.asked) if batch else checked <= set(case_result.asked)


@each_api
def test_halves_are_rounded_once(api: str) -> None:
    """The sums of ranks are added up before they are rounded to halves."""
    case = Case(shape=(40, 2, 3, 3), dtype="float16", param_dtype="float16")
    case_result = result_of(api, case)
    assert case_result.outputs["grad_weight"].dtype == np.float16
    assert not case_result.failed


def test_ranks_that_do_not_merge_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statistics of the first rank are not those of the batch."""
    monkeypatch.setattr(torch_api.SyncBatchNorm, "merge", lambda _, parts: parts[0])
    failed = set(result_of("torch", Case(shape=(8, 2))).failed)
    assert failed >= {"output", "running_mean", "running_var", "grad_input", "grad_weight"}


def test_ranks_that_do_not_add_up_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums of the first rank are not those of the batch."""
    monkeypatch.setattr(ranks, "added", lambda parts: parts[0])
    assert result_of("torch", Case(shape=(8, 2))).failed == ("grad_input",)


def test_ranks_that_all_return_the_whole_sums_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rank's gradients by weight and bias are its own share."""
    own = torch_api.SyncBatchNorm.gradients

    def whole(layer: Any, grad_output: Any, _: Any, total: Any) -> Gradients:
        return own(layer, grad_output, total, total)

    monkeypatch.setattr(torch_api.SyncBatchNorm, "gradients", whole)
    assert set(result_of("torch", Case(shape=(8, 2))).failed) == {"grad_weight", "grad_bias"}


def test_ranks_that_end_with_other_statistics_are_an_error() -> None:
    """Whatever the first one has; not a number is the same on all."""
    same = np.array([np.nan, 1.0])
    assert common([same, same.copy()]) is same
    assert common([None, None]) is None
    for other in (same + 1.0, None):
        with pytest.raises(RuntimeError, match="rank 1 has other running statistics"):
            common([same, other])


def test_untracked_inference_is_not_asked() -> None:
    """Each rank then has its own statistics, and the batch none."""
    case_result = result_of("torch", Case(shape=(4, 2), training=False, tracked=False))
    assert case_result.fault is not None
    assert case_result.fault.kind == "unsupported"


def test_shares_are_unequal_and_one_is_none() -> None:
    """They are all of the batch."""
    for n in range(20):
        assert sum(shares(n)) == n
        assert shares(n)[1] == 0
    assert len(set(shares(12))) > 2
