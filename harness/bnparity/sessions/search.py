"""Cases near those that are drawn: Hypothesis climbs towards large ratios, and shrinks what fails.

Drawing many cases is not its work: plain random numbers do that in a twentieth of the time.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from types import SimpleNamespace
from unittest import SkipTest

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.database import ExampleDatabase, choices_to_bytes
from hypothesis.internal.conjecture import providers

from bnparity.cases import Case, Space, plainer, with_changes
from bnparity.judging import CaseResult, Failure, symptoms

#: Seconds after which a shrinking case is taken as small enough.
SHRINK_SECONDS = 3.0
#: Where each may be another program, so many cases are asked at most to shrink one.
SHRINKS_OF_PROGRAM = 40
#: This share of the cases that are visited climbs: more would ask too much of too few spots.
CLIMBING = 0.2
#: Of a failing case so many neighbours are asked at most.
_MOST_NEIGHBOURS = 5000

#: What a run replaces in Hypothesis is that of the whole process.
_ONE_AT_A_TIME = RLock()

#: Places in the menus of a space, of which a case is made.
Picks = tuple[int, ...]
Put = Callable[[Case], CaseResult]
Visit = Callable[[Picks, Case], float | None]


class _Interesting(Exception):
    """Tells Hypothesis that a case is worth shrinking."""


def explore(
    space: Space,
    visit: Visit,
    *,
    seed: int,
    examples: int,
    over: Callable[[], bool],
    between: Callable[[], None] = lambda: None,
) -> None:
    """Visit up to `examples` cases of `space`: drawn ones, then some that climb from the highest.

    `visit` returns the height of a case; one without a height is no place to climb to. What has to
    be done `between` cases, and not while Hypothesis is at work, is done then.
    """
    visited, climbing, highest = 0, int(CLIMBING * examples), (-math.inf, Picks())

    def noted(picks: Picks, case: Case) -> float | None:
        nonlocal visited, highest
        visited += 1
        height = visit(picks, case)
        if height is not None and height > highest[0]:
            highest = height, picks
        return height

    for picks, case in space.drawn(seed):
        left = examples - visited
        if left <= 0 or over():
            return
        if left == climbing and highest[1]:  # a top may be reached sooner: then it is drawn on
            climb(space, highest[1], noted, seed=seed, examples=left, over=over)
        else:
            noted(picks, case)
        between()


def climb(
    space: Space,
    start: Picks,
    visit: Visit,
    *,
    seed: int,
    examples: int,
    over: Callable[[], bool] = lambda: False,
) -> None:
    """Visit up to `examples` cases of `space`, from that at `start` on to ever higher ones.

    In a space that is grouped they share its program.
    """
    left = iter(range(examples))

    def body(picks: Picks) -> None:
        case = space.case(picks)
        if not space.fits(case):
            hypothesis.reject()
        if over() or next(left, None) is None:
            raise SkipTest("it is over")  # at this one exception Hypothesis ends a run
        height = visit(picks, case)
        if height is not None:
            hypothesis.target(math.log2(max(height, 2.0**-40)), label="log2 of a ratio")

    with suppress(SkipTest):
        near = start if space.grouped else ()
        _run(space, start, body, seed=seed, phases=(Phase.reuse, Phase.target), near=near)


def shrunk(
    space: Space, start: Picks, failure: Failure, put: Put, *, shrinks: int | None = None
) -> Failure:
    """Return `failure`, of the case at `start`, in the smallest case found that still shows it.

    So many cases as `shrinks` says are asked, whatever the load; None for as long as
    `SHRINK_SECONDS`. In a space that is grouped, at most `SHRINKS_OF_PROGRAM` are.
    """
    if space.grouped and shrinks is not None:
        shrinks = min(shrinks, SHRINKS_OF_PROGRAM)
    latest, may_ask = failure.case_result, _patience(shrinks)
    # Shrinking may end at any time and still be consistent: what was asked once is remembered.
    asked: dict[Case, CaseResult | None] = {latest.case: latest}

    def body(picks: Picks) -> None:
        nonlocal latest
        case = space.case(picks)
        if case not in asked:
            asked[case] = None
            if space.fits(case) and may_ask():
                case_result = put(case)
                shows = failure.symptom in symptoms(case_result)
                asked[case] = case_result if shows else None
        found = asked[case]
        if found is not None:
            latest = found
            raise _Interesting

    with suppress(_Interesting):
        _run(space, start, body, seed=0, phases=(Phase.reuse, Phase.shrink))
    plainest = _plainest(latest, failure.symptom, put, may_ask)
    return Failure(symptom=failure.symptom, case_result=plainest)


class _Beginning(ExampleDatabase):
    """Has one example, that a run begins with; keeps none."""

    def __init__(self, choices: Picks) -> None:
        super().__init__()
        self._choices = choices_to_bytes(choices)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """Yield it as one that was not shrunk: those are under keys of their own."""
        return [self._choices] if key.endswith(b".secondary") else []

    def save(self, key: bytes, value: bytes) -> None:
        """Forget it."""

    def delete(self, key: bytes, value: bytes) -> None:
        """Do nothing."""


def _run(
    space: Space,
    start: Picks,
    body: Callable[[Picks], None],
    *,
    seed: int,
    phases: tuple[Phase, ...],
    near: Picks = (),
) -> None:
    """Let Hypothesis call `body`, with `start` first; all have the program of `near`, if given."""
    configured = hypothesis.settings(
        max_examples=_MOST_NEIGHBOURS,
        database=_Beginning(space.choices(start, near)),
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    with without_local_constants():
        # In this order: a seed given after the settings would take the database away.
        configured(hypothesis.seed(seed)(hypothesis.given(space.picks(near))(body)))()


def _plainest(found: CaseResult, symptom: str, put: Put, may_ask: Callable[[], bool]) -> CaseResult:
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
    with _ONE_AT_A_TIME, _nothing_local():
        yield


@contextmanager
def _nothing_local() -> Iterator[None]:
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
