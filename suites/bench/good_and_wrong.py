"""Results that are good and results that are wrong, by a measure that knows nothing of bounds.

Good results are outputs of the right kernels. Wrong ones are outputs of planted faults, where the
fault shows: on that very case and output it moves the result by more than `CLEARLY` times the
largest error of any right float32 kernel. Those errors count as at least half a unit in the last
place of the output's largest element, which storage costs. How far a fault moves a result is
measured with every array in float64, so that no rounding is put down to the fault; a fault that is
itself one of arithmetic is measured by the error it makes. What a fault moves by less is neither
good nor wrong, and no policy is asked about it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import hypothesis
import numpy as np
from bnparity.case import Case
from bnparity.dialects import declaration
from bnparity.examine import examine, expected, in_process, settings_of
from bnparity.formats import format_of
from bnparity.inputs import Inputs, make_inputs
from bnparity.judge import Verdict
from bnparity.strategies import cases
from bnparity_reference import Exact
from numpy.typing import NDArray
from planted.catalogue import CATALOGUE
from right import RIGHT, Kernel

#: By how many times the largest right error a result has to be off to be wrong.
CLEARLY = 16.0

TORCH = declaration("torch")


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A planted fault; ``of_arithmetic`` if it is no other formula but a coarser computation."""

    name: str
    make: Callable[[], Kernel]
    of_arithmetic: bool


#: The faults whose results are judged.
WRONG = tuple(
    Wrong(name=fault.name, make=fault.make, of_arithmetic="accuracy" in fault.kinds)
    for fault in CATALOGUE
    if "float32" in fault.dtypes and fault.kinds <= {"accuracy", "semantics"}
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One output of one kernel on one case, and what the oracle and the judge say of it.

    ``off`` is by how many times the largest right error a fault moves it; 0 where it is good.
    """

    kernel: str
    case: Case
    output: str
    got: NDArray[np.float32]
    exact: NDArray[np.float64]
    verdict: Verdict
    ratio: float
    off: float = 0.0

    @property
    def error(self) -> float:
        """The largest of any element; NaN where one is not a number and should be."""
        return farthest(self.got, self.exact)


def drawn(examples: int, seed: int) -> tuple[Case, ...]:
    """Return different cases in float32, drawn as a session draws them."""
    collected: list[Case] = []
    settings = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    def collect(case: Case) -> None:
        collected.append(case)

    hypothesis.seed(seed)(settings(hypothesis.given(cases(TORCH))(collect)))()
    return tuple(dict.fromkeys(collected))


def good_and_wrong(
    asked: Iterable[Case], faults: Sequence[Wrong] = WRONG
) -> tuple[list[Result], list[Result]]:
    """Return what the right kernels make of the cases, and what `faults` do to them."""
    all_good: list[Result] = []
    all_wrong: list[Result] = []
    for case in asked:
        exact = expected(case, make_inputs(case), TORCH.dialect)
        good = [r for name, right in RIGHT.items() for r in results(name, right, case, exact)]
        all_good += good
        largest = largest_errors(good)
        for fault in faults:
            all_wrong += clearly_wrong(fault, case, exact, largest)
    return all_good, all_wrong


def results(name: str, backend: Kernel, case: Case, exact: Exact) -> list[Result]:
    """Return the outputs of one call, in float32; none where the kernel refuses the case."""
    examination = examine(in_process(backend), case, TORCH.dialect)
    return [
        Result(
            kernel=name,
            case=case,
            output=check.output,
            got=examination.outputs[check.output],
            exact=getattr(exact, check.output),
            verdict=check.verdict,
            ratio=check.ratio,
        )
        for check in examination.checks
    ]


def largest_errors(good: Iterable[Result]) -> dict[str, float]:
    """Return for each output the largest error of any right kernel, half a last place at least."""
    largest: dict[str, float] = {}
    for result in good:
        stored = format_of("float32").unit * float(np.abs(result.exact).max())
        largest[result.output] = max(largest.get(result.output, stored), result.error)
    return largest


def clearly_wrong(
    fault: Wrong, case: Case, exact: Exact, largest: Mapping[str, float]
) -> list[Result]:
    """Return those outputs of a fault that it moves by more than any rounding does."""
    found = results(fault.name, fault.make(), case, exact)
    moved = {result.output: result.error for result in found}
    if not fault.of_arithmetic:
        moved = moves(fault, case, exact)
    measured = [replace(r, off=times(moved[r.output], largest[r.output])) for r in found]
    return [result for result in measured if result.off > CLEARLY]


def moves(fault: Wrong, case: Case, exact: Exact) -> dict[str, float]:
    """Return by how much a fault changes each output where every array is float64."""
    reply = in_process(fault.make())(widened(make_inputs(case)), settings_of(case))
    return {name: farthest(got, getattr(exact, name)) for name, got in reply.outputs.items()}


def widened(inputs: Inputs) -> dict[str, NDArray[np.float64] | None]:
    """Return the arguments of a call with the same values in float64."""
    return {k: None if v is None else v.astype(np.float64) for k, v in vars(inputs).items()}


@np.errstate(invalid="ignore")  # infinity from infinity is NaN, and so it counts
def farthest(got: NDArray[Any], exact: NDArray[np.float64]) -> float:
    """Return the largest distance of two elements."""
    return float(np.abs(got - exact).max())


def times(moved: float, largest: float) -> float:
    """Return how many times `largest` goes into `moved`; a NaN is infinitely far off."""
    if moved <= CLEARLY * largest:
        return moved / largest if largest else 0.0
    return moved / largest if largest and not np.isnan(moved) else np.inf
