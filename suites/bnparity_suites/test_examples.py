"""The code examples of the documents that compare PyTorch and MindSpore, run as they stand.

Each file in ``examples`` is one example with the output that the document prints. What the
installed framework prints today, and what the document printed then, are both judged by the
oracle: last digits differ between versions and machines, the bound says by how much they may.
"""

import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.open import Opened
from bnparity.bounds import bounds
from bnparity.dialects import declaration
from bnparity.envs import interpreter_of
from bnparity.formats import format_of
from bnparity.judge import TIGHT, arithmetic_of
from bnparity_reference import Exact, batch_norm

from bnparity_suites.printed import printed

_TWO_ROWS = [[0.7, 0.5, 0.5, 0.6], [0.5, 0.4, 0.6, 0.9]]
_THREE_CHANNELS = [[[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]], [[0.9, 1], [1.1, 1.2]]]]
_TWO_VOLUMES = [[[[[0.1, 0.2], [0.3, 0.4]]], [[[0.9, 1], [1.1, 1.2]]]]]
_INTEGERS = [[[[1, 2], [1, 2]], [[3, 4], [3, 4]]]]


@dataclass(frozen=True)
class Example:
    """One example: its file, the framework it is for, its data, and the mode of its layer."""

    file: str
    framework: str
    data: object
    training: bool = True


EXAMPLES = (
    Example("torch_batchnorm1d.py", "torch", _TWO_ROWS),
    Example("mindspore_batchnorm1d.py", "mindspore", _TWO_ROWS),
    Example("torch_batchnorm2d.py", "torch", _THREE_CHANNELS),
    Example("mindspore_batchnorm2d.py", "mindspore", _THREE_CHANNELS),
    Example("torch_batchnorm2d_r1_10.py", "torch", _INTEGERS),
    # Its layer is not told to train: a fresh layer of MindSpore's infers.
    Example("mindspore_batchnorm2d_r1_10.py", "mindspore", _INTEGERS, training=False),
    Example("torch_batchnorm3d.py", "torch", _TWO_VOLUMES),
    Example("mindspore_batchnorm3d.py", "mindspore", _TWO_VOLUMES),
)

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.file)


def test_every_example_is_run() -> None:
    """No file of an example lies unused."""
    folder = files("bnparity_suites").joinpath("examples")
    assert {f.name for f in folder.iterdir() if f.name.endswith(".py")} == {
        e.file for e in EXAMPLES
    }


@each_example
def test_framework_prints_what_the_oracle_says(
    example: Example, bn_opened: dict[str, Opened]
) -> None:
    """The installed framework, given the document's code, prints the oracle's result."""
    if reason := bn_opened[example.framework].reason:
        pytest.skip(reason)
    command = [interpreter_of(example.framework), str(_path(example))]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert _worst_ratio(run.stdout, example) <= TIGHT, run.stdout


@each_example
def test_document_prints_what_the_oracle_says(example: Example) -> None:
    """The output printed in the document is the oracle's result."""
    _, _, comment = _path(example).read_text().partition("print(")
    assert _worst_ratio(comment, example) <= TIGHT, comment


def _worst_ratio(text: str, example: Example) -> float:
    """Return the largest error / bound of the numbers in `text`, their printing deducted."""
    values, halves = printed(text)
    exact, bound = _expected(example)
    assert values.size == exact.output.size, text
    error = np.abs(values - exact.output.ravel()) - halves
    return float(np.max(error / bound.ravel()))


def _expected(
    example: Example,
) -> tuple[Exact, "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"]:
    x = np.array(example.data, dtype=np.float32).astype(np.float64)
    declared = declaration(example.framework)
    exact = batch_norm(
        x,
        running_mean=np.zeros(x.shape[1]),
        running_var=np.ones(x.shape[1]),
        dialect=declared.dialect,
        training=example.training,
        momentum=declared.default_momentum,
        eps=declared.default_eps,
    )
    arithmetic = arithmetic_of(declared.dialect, format_of("float32"))
    limits = bounds(exact, dialect=declared.dialect, arithmetic=arithmetic, growth=1)
    bound = limits["output"]
    assert bound is not None
    return exact, bound


def _path(example: Example) -> Path:
    return Path(str(files("bnparity_suites").joinpath("examples", example.file)))
