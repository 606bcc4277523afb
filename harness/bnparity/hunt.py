"""Cases drawn by Hypothesis: steered towards large ratios, and shrunk where one is suspicious."""

import math
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from unittest import SkipTest

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.strategies import SearchStrategy

from bnparity.case import Case
from bnparity.examine import Examination

#: Seconds after which a shrinking case is taken as small enough.
SHRINK_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A suspicion, and the smallest case found that raises it."""

    suspicion: str
    examination: Examination


class _Suspicious(Exception):
    """Tells Hypothesis that a case is worth shrinking."""


def hunt(
    strategy: SearchStrategy[Case],
    put: Callable[[Case], Examination],
    note: Callable[[Examination], str | None],
    *,
    seed: int,
    examples: int,
    over: Callable[[], bool] = lambda: False,
    climbing: bool = True,
    shrinks: int | None = None,
) -> Suspect | None:
    """Draw cases until one is suspicious, then shrink it.

    Parameters
    ----------
    strategy
        Where the cases come from.
    put
        Puts a case to the backend.
    note
        Takes each examination, once; returns a suspicion to follow up, or None. While it shrinks,
        the hunt asks `suspicions` itself and notes nothing.
    seed, examples
        Of the draw, and how many at most.
    over
        Whether to stop drawing; asked before each case.
    climbing
        Whether half of the cases are drawn near those with the largest ratios.
    shrinks
        How many cases may be asked while shrinking: the smallest one is then the same however busy
        the machine is. None for as many as `SHRINK_SECONDS` hold.

    Returns
    -------
    Suspect or None
        None if no case was suspicious.
    """
    followed: str | None = None
    latest: Examination | None = None
    may_shrink = _patience(shrinks)
    # Shrinking may end at any time and still be consistent: what was asked once is remembered.
    asked: dict[Case, Examination | None] = {}

    def body(case: Case) -> None:
        nonlocal followed, latest, may_shrink
        if followed is None:
            if over():
                raise SkipTest("it is over")  # at this one exception Hypothesis ends a run
            examination = put(case)
            followed = note(examination)
            if followed is None:
                if not suspicions(examination):  # what is known to fail is no place to climb to
                    hypothesis.target(_height(examination), label="log2 of the worst ratio")
                return
            may_shrink = _patience(shrinks)
            asked[case] = examination
        elif case not in asked:
            asked[case] = None
            if may_shrink():
                examination = put(case)
                asked[case] = examination if followed in suspicions(examination) else None
        if asked[case] is not None:
            latest = asked[case]
            raise _Suspicious

    with suppress(_Suspicious, SkipTest):
        _search(body, strategy, seed, examples, climbing=climbing)
    if followed is None or latest is None:
        return None
    return Suspect(suspicion=followed, examination=latest)


def suspicions(examination: Examination) -> tuple[str, ...]:
    """Return what is wrong with an examination: the outputs that failed, or the fault."""
    fault = examination.fault
    if fault is None:
        return examination.failed
    if fault.kind == "unsupported":
        return ()
    # One fault whatever the numbers in its message: shapes differ from case to case.
    text = re.sub(r"0x[0-9a-f]+|[0-9]+(, [0-9]+)*,?", "#", fault.text)
    return (f"{fault.kind}: {text}",)


def _patience(shrinks: int | None) -> Callable[[], bool]:
    """Return what says, time after time, whether one more case may be asked."""
    if shrinks is None:
        until = time.monotonic() + SHRINK_SECONDS
        return lambda: time.monotonic() < until
    left = iter(range(shrinks))
    return lambda: next(left, None) is not None


def _search(
    body: Callable[[Case], None],
    strategy: SearchStrategy[Case],
    seed: int,
    examples: int,
    *,
    climbing: bool,
) -> None:
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
    hypothesis.seed(seed)(configured(hypothesis.given(strategy)(body)))()


def _height(examination: Examination) -> float:
    worst = max((check.ratio for check in examination.checks), default=0.0)
    return math.log2(max(worst, 2.0**-40))
