"""The code examples of the documents: what they run, what they print, and how that is judged.

Each file in ``examples`` is one example as the document has it, with the output that it prints.
Last digits differ between versions and machines: the bound says by how much they may.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from bnparity_reference import batch_norm
from numpy.typing import NDArray

from bnparity.backends import format_of, make
from bnparity.cases import declaration
from bnparity.judging import TIGHT, Api, arithmetic_of, error_bounds
from bnparity.porting.claims.claim import Measurement, holds
from bnparity.porting.claims.subject import Subject

_Array = NDArray[np.float64]

_TWO_ROWS = [[0.7, 0.5, 0.5, 0.6], [0.5, 0.4, 0.6, 0.9]]
_THREE_CHANNELS = [[[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]], [[0.9, 1], [1.1, 1.2]]]]
_TWO_VOLUMES = [[[[[0.1, 0.2], [0.3, 0.4]]], [[[0.9, 1], [1.1, 1.2]]]]]
_INTEGERS = [[[[1, 2], [1, 2]], [[3, 4], [3, 4]]]]

_NUMBER = re.compile(r"-?\d+\.\d*")


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example: the layer that it makes, what it calls it with, and if it has it train first.

    Its file ends with ``release`` if there is one of another release too.
    """

    api: Api
    kind: str
    release: str
    data: Any
    given: Mapping[str, Any]
    switched: bool

    @property
    def file(self) -> str:
        """Its file in the folder ``examples``."""
        return f"{self.api}_{self.kind.lower()}{self.release}.py"

    @property
    def training(self) -> bool:
        """The mode of its layer."""
        return self.switched or declaration(self.api).starts_in == "training"

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(__file__).parent / "examples" / self.file

    @property
    def output(self) -> str:
        """What the document prints as its output."""
        return self.path.read_text(encoding="utf-8").partition("print(")[2]


#: Those of MindSpore r1.10 are not told to train: a fresh layer of MindSpore's infers.
EXAMPLES = tuple(
    Example(
        api=api,
        kind=kind,
        release=release,
        data=data,
        given={**given, "momentum": momentum if api == "torch" else 1 - momentum},
        switched=api == "mindspore" and not release,
    )
    for kind, release, data, momentum, given in (
        ("BatchNorm1d", "", _TWO_ROWS, 0.1, {"affine": False}),
        ("BatchNorm2d", "", _THREE_CHANNELS, 0.1, {}),
        ("BatchNorm2d", "_r1_10", _INTEGERS, 0.2, {}),
        ("BatchNorm3d", "", _TWO_VOLUMES, 0.1, {}),
    )
    for api in get_args(Api)
)


def prints(subject: Subject, *, release: str = "") -> Measurement:
    """Measure an example: what the layer computes, and what the document prints."""
    wanted = (subject.api, subject.kind, release)
    (example,) = (e for e in EXAMPLES if (e.api, e.kind, e.release) == wanted)
    x = np.array(example.data, dtype=np.float32)
    layer = make(subject.remote, example.kind, x.shape[1], **example.given)
    if example.switched:
        layer.train()
    output = layer(x)["output"].astype(np.float64).ravel()
    now = worst_ratio(output, np.zeros(output.shape), example)
    then = printed_ratio(example.output, example)
    evidence = f"ratio of what the layer computes {now:.3g}, of what is printed {then:.3g}"
    return holds(max(now, then) <= TIGHT, evidence)


def printed_ratio(text: str, example: Example) -> float:
    """Return the largest error / bound of the numbers printed in `text`."""
    return worst_ratio(*printed(text), example)


def printed(text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the decimal numbers in `text`, and half a unit in the last place of each.

    Examples
    --------
    >>> values, halves = printed("[[-1.25  3.]]")
    >>> values.tolist(), halves.tolist()
    ([-1.25, 3.0], [0.005, 0.5])
    """
    numbers = _NUMBER.findall(text)
    decimals = [len(number.partition(".")[2]) for number in numbers]
    return np.array(numbers, dtype=np.float64), 0.5 * 10.0 ** -np.array(decimals, dtype=np.float64)


def worst_ratio(values: _Array, halves: _Array, example: Example) -> float:
    """Return the largest error / bound of `values`, of which printing took up to `halves`.

    Raises
    ------
    ValueError
        If there are not as many values as the example has outputs.
    """
    expected, bound = _expected(example)
    if values.shape != expected.shape:
        raise ValueError(f"there are {values.size} numbers for {expected.size} outputs")
    return float(np.max((np.abs(values - expected) - halves) / bound))


def _expected(example: Example) -> tuple[_Array, _Array]:
    """Return the oracle's output for an example, and its bound, in one dimension."""
    x = np.array(example.data, dtype=np.float32).astype(np.float64)
    declared = declaration(example.api)
    exact = batch_norm(
        x,
        running_mean=np.zeros(x.shape[1]),
        running_var=np.ones(x.shape[1]),
        dialect=declared.dialect,
        training=example.training,
        momentum=example.given["momentum"],
        eps=declared.default_eps,
    )
    arithmetic = arithmetic_of(declared.dialect, format_of("float32"))
    bound = error_bounds(exact, dialect=declared.dialect, arithmetic=arithmetic, growth=1)["output"]
    assert bound is not None
    return exact.output.ravel(), bound.ravel()
