"""Cases drawn by Hypothesis: steered towards large ratios, and shrunk where one fails."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any
from unittest import SkipTest

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from bnparity.cases import Case, plainer, with_changes
from bnparity.judging import CaseResult, Failure, symptoms

#: Seconds after which a shrinking case is taken as small enough.
SHRINK_SECONDS = 3.0


class _Interesting(Exception):
    """Tells Hypothesis that a case is worth shrinking."""


def of_block(seed: int, number: int) -> dict[str, Any]:
    """Return how the block `number` of a session with `seed` is drawn: every second one climbs."""
    return {"seed": (seed << 32) + number, "climbing": number % 2 == 1}


def worst_ratio(case_result: CaseResult) -> float:
    """Return the largest ratio of a case result."""
    return max((check.ratio for check in case_result.checks), default=0.0)


def find_failure(
    strategy: SearchStrategy[Case],
    put: Callable[[Case], CaseResult],
    note: Callable[[CaseResult], str | None],
    *,
    seed: int,
    examples: int,
    over: Callable[[], bool] = lambda: False,
    climbing: bool = True,
    height: Callable[[CaseResult], float | None] = worst_ratio,
    shrinks: int | None = None,
) -> Failure | None:
    """Draw up to `examples` cases until one fails, then shrink it; None if none did.

    Cases come from `strategy` until it is `over`, half of them near those of the greatest `height`
    if it is `climbing`; one without a height is no place to climb to. Each is `put` to the backend,
    and `note` takes its result, once; it returns a symptom to follow up, or None. While it shrinks,
    the search asks `symptoms` itself. So many cases as `shrinks` says are asked then, whatever the
    load; None for as long as `SHRINK_SECONDS`.
    """
    followed: str | None = None
    latest: CaseResult | None = None
    may_shrink = _patience(shrinks)
    # Shrinking may end at any time and still be consistent: what was asked once is remembered.
    asked: dict[Case, CaseResult | None] = {}

    def body(case: Case) -> None:
        nonlocal followed, latest, may_shrink
        if followed is None:
            if over():
                raise SkipTest("it is over")  # at this one exception Hypothesis ends a run
            case_result = put(case)
            followed = note(case_result)
            if followed is None:
                ratio = None if symptoms(case_result) else height(case_result)
                if ratio is not None:  # what is known to fail is no place to climb to
                    hypothesis.target(math.log2(max(ratio, 2.0**-40)), label="log2 of a ratio")
                return
            may_shrink = _patience(shrinks)
            asked[case] = case_result
        elif case not in asked:
            asked[case] = None
            if may_shrink():
                case_result = put(case)
                asked[case] = case_result if followed in symptoms(case_result) else None
        if asked[case] is not None:
            latest = asked[case]
            raise _Interesting

    phases = (Phase.generate, Phase.target, Phase.shrink)
    configured = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=phases if climbing else (Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    with suppress(_Interesting, SkipTest), without_local_constants():
        hypothesis.seed(seed)(configured(hypothesis.given(strategy)(body)))()
    if followed is None or latest is None:
        return None
    return Failure(symptom=followed, case_result=_plainest(latest, followed, put, may_shrink))


def _plainest(
    found: CaseResult,
    symptom: str,
    put: Callable[[Case], CaseResult],
    may_ask: Callable[[], bool],
) -> CaseResult:
    """Return the same failure in a case that is plain in all that does not matter."""
    for of_case, of_recipe in plainer(found.case):
        case = with_changes(found.case, of_case, of_recipe)
        if case != found.case and may_ask():
            case_result = put(case)
            found = case_result if symptom in symptoms(case_result) else found
    return found


def _patience(shrinks: int | None) -> Callable[[], bool]:
    """Return what says, time after time, whether one more case may be asked."""
    if shrinks is None:
        until = time.monotonic() + SHRINK_SECONDS
        return lambda: time.monotonic() < until
    left = iter(range(shrinks))
    return lambda: next(left, None) is not None


@contextmanager
def without_local_constants() -> Iterator[None]:
    """Let what is drawn depend on the seed alone while this lasts.

    Hypothesis now and then takes a constant that it has read in the source of a loaded module, if
    the module lies outside of site-packages. The same seed then draws other cases once another
    module is loaded, or edited. `hypothesis.settings` has no switch for that, so its source of such
    constants is replaced, where it has one.
    """
    original = getattr(providers, "_get_local_constants", None)
    if original is None:  # a version without such constants
        yield
        return
    nothing = SimpleNamespace(set_for_type=lambda _: ())
    _replace(lambda: nothing)
    try:
        yield
    finally:
        _replace(original)


def _replace(source: object) -> None:
    # Which constants fit which draw is remembered there, those of modules included.
    providers.CONSTANTS_CACHE.cache.clear()
    vars(providers)["_get_local_constants"] = source
