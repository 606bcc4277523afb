"""A backend judged from Python: what `bnparity run` does, as a function and as an assertion."""

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bnparity_reference import Dialect

from bnparity.backends import DEFAULT_LIMITS, Opened, UsageError, opened_here, parse
from bnparity.frontends.api.given import Given, asked_of, each_of, name_of, number
from bnparity.frontends.api.message import message
from bnparity.frontends.api.stated import stated
from bnparity.frontends.api.verdict import Verdict, unavailable, verdict_of
from bnparity.frontends.commands.output import KEPT, folder_to_keep
from bnparity.frontends.commands.parsing import positive
from bnparity.results import Status, save
from bnparity.sessions import Plan, follow, judge_by_cases, unjudged

#: Statuses with which tests are content, the second unless they are told to fail at it.
_ACCEPTED: tuple[Status, ...] = ("pass", "loose")


def check(
    backend: Given,
    *,
    dialect: str | Dialect | None = None,
    examples: int = 200,
    dtypes: Sequence[str] | None = None,
    seed: int = 0,
    timeout: float = DEFAULT_LIMITS.seconds,
) -> Verdict:
    """Judge a backend by cases that are drawn, and return the verdict.

    Parameters
    ----------
    backend
        A function as the documentation has it, called in this process; or a name as `bnparity run`
        takes it, ``"torch"`` or ``"my_kernel.py:batch_norm"``, in a process of its own.
    dialect
        Judge by this one, whatever the backend declares.
    examples
        How many cases are drawn.
    dtypes
        Formats of the data; all that the backend declares if not given.
    seed
        The same seed draws the same cases.
    timeout
        Seconds that a call may take, of a backend in a process of its own.

    Raises
    ------
    UsageError
        If an argument is wrong; the message says how to mend it.
    """
    seconds = positive("timeout", number("timeout", timeout))
    with ExitStack() as stack:
        asked = asked_of(
            Plan(limits=replace(DEFAULT_LIMITS, seconds=seconds)),
            examples=examples,
            dtypes=dtypes,
            dialect=None if dialect is None else stated(dialect),
            seed=seed,
        )
        if isinstance(backend, str):
            name = parse(backend)
            found: Opened = stack.enter_context(asked.opened(name))
        elif callable(backend):
            name, found = name_of(backend), opened_here(backend)
        else:
            raise UsageError(
                f"a backend of type {type(backend).__name__}: give a function, or a name"
            )
        judged = unjudged(name, found.reason)
        if found.ask is not None:
            judged = judge_by_cases(name, found, asked)
            if judged.adapted:
                follow(judged, found, asked)
    return verdict_of(judged, seed=seed, asked="bnparity.check")


def assert_parity(
    backend: Given,
    *,
    dialect: str | Dialect | None = None,
    examples: int = 200,
    dtypes: Sequence[str] | None = None,
    seed: int = 0,
    timeout: float = DEFAULT_LIMITS.seconds,
    fail_on: Collection[str] = (),
) -> None:
    """Judge a backend as `check` does, and raise an AssertionError unless it is right.

    The message has what came, what was expected, the bound, the ratio, what the backend does
    instead, and how to see it again. Findings are kept in ``.bnparity/findings``.

    Parameters
    ----------
    backend, dialect, examples, dtypes, seed, timeout
        As `check` takes them.
    fail_on
        ``["loose"]`` accepts ``pass`` alone.

    Raises
    ------
    AssertionError
        If the verdict is not accepted.
    UsageError
        If an argument is wrong; the message says how to mend it.
    """
    __tracebackhide__ = True  # pytest shows the line that asserts, and what it says
    strict = {*each_of(fail_on)}
    if wrong := strict - {"loose"}:
        raise UsageError(f"fail_on {min(wrong)!r}: give 'loose', the one that it can fail at")
    verdict = check(
        backend, dialect=dialect, examples=examples, dtypes=dtypes, seed=seed, timeout=timeout
    )
    if verdict.status not in accepted(strict):
        raise AssertionError(_told(verdict))


def accepted(fail_on: Collection[str]) -> list[Status]:
    """Return the statuses that fail no test which is told to `fail_on` some."""
    return [status for status in _ACCEPTED if status not in fail_on]


def _told(verdict: Verdict) -> str:
    """Return why a verdict is not accepted, with findings kept that can be put to it again."""
    judgement, document = verdict.judgement, verdict.results
    if judgement.reason:
        return unavailable(judgement)
    seed = document["run"]["seed"]
    folder = folder_to_keep(KEPT) if _can_be_named(verdict.backend) else None
    if folder is not None:
        document = save(document, [judgement], folder)
    (results,) = document["backends"]
    again = f"the same cases again: bnparity.check(..., seed={seed})"
    return f"{message(judgement, results, folder or Path(), {})}\n{again}"


def _can_be_named(name: str) -> bool:
    """Return whether a command can find what a function is called by: no lambda, nothing local."""
    return "<" not in name and not name.startswith("__main__:")
