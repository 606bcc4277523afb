"""Results that are good and results that are wrong, by a measure that knows nothing of bounds.

Good results are outputs of the right kernels. Wrong ones are outputs of planted faults, where the
fault shows: there the result is off by more than `CLEARLY` times the largest error of any right
float32 kernel on that very case and output. Those errors count as at least half a unit in the last
place of the output's largest element, which storage costs. But for its one fault, a planted kernel
computes in float64 and rounds once, so the rest of its error is such a half unit. What is off by
less is neither good nor wrong, and no policy is asked about it.

Nor is one about an output that is not wholly finite, in the oracle rounded to float32 or in a right
kernel: which infinities and NaN are right is a matter of rules, of which tolerances have none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import hypothesis
import numpy as np
from bnparity.backends.call import in_process
from bnparity.backends.formats import format_of
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.cases.strategies import cases
from bnparity.judging.case_result import settings_of
from bnparity.judging.due import expected
from bnparity.judging.verdicts import Verdict, judge
from bnparity_reference import Exact
from numpy.typing import NDArray
from planted.catalogue import CATALOGUE
from planted.kernel import Kernel
from right import RIGHT

#: By how many times the largest right error a result has to be off to be wrong.
CLEARLY = 16.0

TORCH = declaration("torch")

#: The faults whose results are judged, by name: those that show in values, not in form.
WRONG: Mapping[str, Callable[[], Kernel]] = {
    fault.name: fault.make
    for fault in CATALOGUE
    if "float32" in fault.dtypes and fault.kinds <= {"accuracy", "semantics"}
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """One output of one kernel on one case, and what the oracle and the judge say of it.

    ``off`` is how many times the largest right error its own is; 0 where it is good.
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
        """The largest of any element; infinite where one is not a number."""
        return farthest(self.got, self.exact)

    @property
    def finite(self) -> bool:
        """Whether every element is, both as it is and as it should be in float32."""
        with np.errstate(over="ignore"):
            wanted = self.exact.astype(np.float32)
        return bool(np.isfinite(self.got).all() and np.isfinite(wanted).all())


def drawn(examples: int, seed: int) -> tuple[Case, ...]:
    """Return different cases in float32, drawn as a session draws them, but of one call each.

    Whether two calls agree is no matter of tolerances. And the calls of a history hand on what a
    kernel made of them: each would be asked something else.
    """
    collected: list[Case] = []
    settings = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    def collect(case: Case) -> None:
        collected.append(replace(case, calls=1, reused=False, history=()))

    hypothesis.seed(seed)(settings(hypothesis.given(cases(TORCH))(collect)))()
    return tuple(dict.fromkeys(collected))


def good_and_wrong(
    asked: Iterable[Case],
    *,
    faults: Mapping[str, Callable[[], Kernel]] = WRONG,
    each: int | None = None,
) -> tuple[tuple[Result, ...], tuple[Result, ...]]:
    """Return what the right kernels make of the cases, and what `faults` do to them.

    Parameters
    ----------
    each
        How many faults each case is put to, all in turn; None for every one.
    """
    all_good: list[Result] = []
    all_wrong: list[Result] = []
    turns = in_turn(tuple(faults), each or len(faults))
    for case, names in zip(asked, turns, strict=False):
        exact = expected(case, make_inputs(case), TORCH.dialect)
        found = [r for name, right in RIGHT.items() for r in results(name, right, case, exact)]
        good = comparable(found)
        all_good += good
        largest = largest_errors(good)
        for name in names:
            all_wrong += clearly_wrong(results(name, faults[name](), case, exact), largest)
    return tuple(all_good), tuple(all_wrong)


def in_turn(names: Sequence[str], each: int) -> Iterator[tuple[str, ...]]:
    """Yield `each` of the names at a time, beginning again after the last, without an end."""
    first = 0
    while True:
        yield tuple(names[(first + i) % len(names)] for i in range(each))
        first += each


def results(name: str, backend: Kernel, case: Case, exact: Exact) -> list[Result]:
    """Return the outputs of one call, in float32; none where the kernel refuses the case."""
    reply = in_process(backend)(vars(make_inputs(case)), settings_of(case))
    checks = judge(reply.outputs, exact, dialect=TORCH.dialect, dtype=case.dtype)
    return [
        Result(
            kernel=name,
            case=case,
            output=check.output,
            got=reply.outputs[check.output],
            exact=getattr(exact, check.output),
            verdict=check.verdict,
            ratio=check.ratio,
        )
        for check in checks
    ]


def comparable(good: Sequence[Result]) -> list[Result]:
    """Return the results of right kernels, but for outputs of which any is not finite."""
    beyond = {result.output for result in good if not result.finite}
    return [result for result in good if result.output not in beyond]


def largest_errors(good: Iterable[Result]) -> dict[str, float]:
    """Return for each output the largest error of any right kernel, half a last place at least."""
    largest: dict[str, float] = {}
    for result in good:
        stored = format_of("float32").unit * float(np.abs(result.exact).max())
        largest[result.output] = max(largest.get(result.output, stored), result.error)
    return largest


def clearly_wrong(found: Iterable[Result], largest: Mapping[str, float]) -> list[Result]:
    """Return those results of a fault that are off by more than any rounding is."""
    compared = [result for result in found if result.output in largest]
    measured = [replace(r, off=times(r.error, largest[r.output])) for r in compared]
    return [result for result in measured if result.off > CLEARLY]


@np.errstate(invalid="ignore")  # an infinity from a number, and NaN, are infinitely far off
def farthest(got: NDArray[Any], exact: NDArray[np.float64]) -> float:
    """Return the largest distance of two elements."""
    distance = float(np.abs(got - exact).max())
    return np.inf if np.isnan(distance) else distance


def times(error: float, largest: float) -> float:
    """Return how many times `largest` goes into `error`; 0 into 0 not once."""
    if error == 0.0:
        return 0.0
    return error / largest if largest else np.inf
