"""The mode tables of the documents, row by row, on the real layers.

A row is a change of the dialect: which statistics normalise, and whether the running ones move.
Claims measure the same from fresh layers; here the state is far from that, and the rank varies.
"""

import numpy as np
import pytest
from bnparity.backends import OUTPUT_LIKE, Opened
from bnparity.cases import Case, declaration
from bnparity.judging import USE_BATCH_STATISTICS, follow, run_case

from bnparity_suites.following import assert_follows

_SHAPES = ((6, 3), (4, 3, 5), (2, 3, 4, 5), (2, 3, 2, 2, 3))

each_shape = pytest.mark.parametrize("shape", _SHAPES, ids=str)
each_mode = pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])


@pytest.mark.bn_about("torch")
@each_shape
@each_mode
@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "untracked"])
def test_torch_training_and_track_running_stats(
    bn_opened: dict[str, Opened], shape: tuple[int, ...], training: bool, tracked: bool
) -> None:
    """Only (training, tracked) moves the statistics, only (inference, tracked) uses them."""
    backend = bn_opened["torch"]
    if backend.ask is None:
        pytest.skip(backend.reason)
    case = Case(shape=shape, training=training, tracked=tracked, momentum=0.25)
    case_result = run_case(backend.ask, case, declaration("torch").dialect)
    assert_follows(case_result)
    assert ("running_var" in case_result.outputs) is tracked


@pytest.mark.bn_about("mindspore")
@each_shape
@each_mode
@pytest.mark.parametrize("value", USE_BATCH_STATISTICS)
def test_mindspore_use_batch_statistics(
    bn_opened: dict[str, Opened], shape: tuple[int, ...], training: bool, value: bool | None
) -> None:
    """True trains and False infers in either mode; None does as the mode says."""
    backend = bn_opened["mindspore"]
    if backend.remote is None:
        pytest.skip(backend.reason)
    layer = follow(
        backend.remote,
        "mindspore",
        f"BatchNorm{max(len(shape) - 2, 1)}d",
        shape[1],
        use_batch_statistics=value,
        momentum=0.75,
    )
    rng = np.random.default_rng(0)
    state = layer.layer.state()
    layer.load({n: rng.uniform(1, 2, a.shape).astype(a.dtype) for n, a in state.items()})
    layer.train(training)
    x, grad_output = rng.normal(3, 2, (2, *shape)).astype(np.float32)
    checks = layer.call(x, grad_output)
    assert {check.output for check in checks} >= set(OUTPUT_LIKE)
    assert [check for check in checks if check.verdict == "fail"] == []
