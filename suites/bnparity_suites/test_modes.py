"""The mode tables of the documents, row by row, on the real layers.

A row is a change of the dialect: which statistics normalise, and whether the running ones move.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from bnparity.backends.names import Name
from bnparity.backends.open import Opened, opened
from bnparity.case import Case
from bnparity.dialects import declaration
from bnparity.examine import examine

from bnparity_suites.following import assert_follows

_SHAPES = ((6, 3), (4, 3, 5), (2, 3, 4, 5), (2, 3, 2, 2, 3))

each_shape = pytest.mark.parametrize("shape", _SHAPES, ids=str)
each_mode = pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])

#: What `use_batch_statistics` turns MindSpore's dialect into, whatever the mode.
USE_BATCH_STATISTICS: Mapping[str, Mapping[str, Any]] = {
    "use_batch_statistics_none": {},
    "use_batch_statistics_true": {"eval_statistics": "batch", "running_update": "always"},
    "use_batch_statistics_false": {"train_statistics": "running", "running_update": "never"},
}


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
    examination = examine(backend.ask, case, declaration("torch").dialect)
    assert_follows(examination)
    assert ("running_var" in examination.outputs) is tracked


@each_shape
@each_mode
@pytest.mark.parametrize("row", USE_BATCH_STATISTICS)
def test_mindspore_use_batch_statistics(shape: tuple[int, ...], training: bool, row: str) -> None:
    """True trains and False infers in either mode; None does as the mode says."""
    target = f"{files('bnparity_suites').joinpath('mindspore_rows.py')}:{row}"
    with opened(Name(text=row, base="mindspore", target=target)) as backend:
        if backend.ask is None:
            pytest.skip(backend.reason)
        dialect = replace(declaration("mindspore").dialect, **USE_BATCH_STATISTICS[row])
        case = Case(shape=shape, training=training, momentum=0.75)
        assert_follows(examine(backend.ask, case, dialect))


@pytest.mark.parametrize("framework", ["torch", "mindspore"])
def test_fresh_layer_starts_in_the_declared_mode(framework: str) -> None:
    """PyTorch's layers train until told otherwise, MindSpore's infer."""
    target = f"{files('bnparity_suites').joinpath('fresh_layers.py')}:{framework}"
    with opened(Name(text=framework, base=framework, target=target)) as backend:
        if backend.ask is None:
            pytest.skip(backend.reason)
        declared = declaration(framework)
        # The layer is not told the mode, eps or momentum of the case: they must be its defaults.
        case = Case(
            shape=(4, 3, 5, 5),
            training=declared.starts_in == "training",
            momentum=declared.default_momentum,
            eps=declared.default_eps,
            gradient=False,
        )
        assert_follows(examine(backend.ask, case, declared.dialect))
