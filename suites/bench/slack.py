"""The smallest relative change of an accurate output that is found, by how many values there are.

One output is multiplied by 1 + delta, the others are left: nothing about them may help.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from bnparity.backends.formats import format_of
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.exact_data import with_exact_data
from bnparity.cases.inputs import make_inputs
from bnparity.judging.bounds import error_bounds
from bnparity.judging.due import expected
from bnparity.judging.verdicts import arithmetic_of, check, gate_of
from bnparity_reference import OUTPUTS
from numpy.typing import NDArray

#: Values a channel.
SIZES = tuple(2**power for power in (6, 10, 13, 16, 18, 20))
SINGLE = format_of("float32")
#: The changes that are tried, in units of u: four in a factor of two.
CHANGES = tuple(2.0 ** (power / 4) for power in range(4, 4 * 24))

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Slack:
    """The smallest change of one output that is found, in u, by bnparity and by `assert_close`."""

    output: str
    ours: float
    theirs: float


def case_of(n: int, values: str, **recipe: int) -> Case:
    """Return a case in training; the gradient goes along with the data in one of two channels."""
    drawn = Recipe(seed=2, values=values, **recipe)  # type: ignore[arg-type]  # one of the literals
    return with_exact_data(Case(shape=(n, 2), recipe=drawn))


def slacks(case: Case) -> Iterator[Slack]:
    """Yield the slack of each output of a case."""
    dialect = declaration("torch").dialect
    exact = expected(case, make_inputs(case), dialect)
    arithmetic = arithmetic_of(dialect, SINGLE)
    tight = error_bounds(exact, dialect=dialect, arithmetic=arithmetic, growth=1)
    # The order of exact data does not show in an accurate output.
    updating = case.recipe.values != "exact"
    any_order = error_bounds(exact, dialect=dialect, arithmetic=arithmetic, updating=updating)
    for output in OUTPUTS:
        near, far, right = tight[output], any_order[output], getattr(exact, output)
        assert near is not None
        assert far is not None
        gate = gate_of(near, far)

        yield Slack(
            output=output,
            ours=smallest(right, partial(beyond, gate)),
            theirs=smallest(right, refused),
        )


def smallest(right: Array, found: Callable[[NDArray[np.float32], Array], bool]) -> float:
    """Return the smallest of the changes that is found, in u; infinity if none is."""
    low, high = 0, len(CHANGES)
    while low < high:
        middle = (low + high) // 2
        changed = (right * (1.0 + CHANGES[middle] * SINGLE.unit)).astype(np.float32)
        low, high = (low, middle) if found(changed, right) else (middle + 1, high)
    return CHANGES[low] if low < len(CHANGES) else np.inf


def beyond(gate: Array, got: NDArray[np.float32], right: Array) -> bool:
    """Return whether the judge says ``fail``."""
    return check("", got, right, gate, SINGLE).verdict == "fail"


def refused(got: NDArray[np.float32], right: Array) -> bool:
    """Return whether torch's assertion for tests refuses, with its default tolerances."""
    try:
        torch.testing.assert_close(
            torch.from_numpy(got), torch.from_numpy(right.astype(np.float32))
        )
    except AssertionError:
        return True
    return False


def table(found: Mapping[str, Mapping[int, tuple[Slack, ...]]]) -> Iterator[str]:
    """Yield the lines of the table: for each kind of data and each n, both figures side by side."""
    yield "smallest relative change found, in units of u = 2 ** -24: bnparity / torch assert_close"
    for values, by_size in found.items():
        yield f"{values:>12}{'n':>9}" + "".join(f"{output:>18}" for output in OUTPUTS)
        for n, row in by_size.items():
            texts = (f"{slack.ours:.3g} / {slack.theirs:.3g}" for slack in row)
            yield f"{'':12}{n:>9}" + "".join(f"{text:>18}" for text in texts)
