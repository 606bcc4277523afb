"""What has to be seen before a pass means anything: cases in which a check could have failed.

Each question is a mistake that a comparison may be blind to: running statistics that never had to
move, a gradient that is 0 whatever is computed, data whose variance is 1. A question is answered
by the first case in which the judge would have seen the mistake.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from bnparity_reference import Dialect, Exact
from bnparity_reference.rows import from_rows

from bnparity.judging.added import added_values
from bnparity.judging.case_result import CaseResult
from bnparity.judging.due import Due, Dues, due_of
from bnparity.judging.nonfinite import Array
from bnparity.judging.verdicts import by_tight_line


@dataclass(frozen=True, kw_only=True)
class Question:
    """One mistake in one output.

    ``mistaken`` takes the oracle's answer and returns the output as the mistake leaves it, in the
    output's shape; None where the mistake cannot be made. If ``where_asked``, only a session with
    cases where it can be made has to answer. It is raised by calls with the argument ``given``.
    """

    output: str
    text: str
    mistaken: Callable[[Exact], Array | None]
    where_asked: bool = False
    given: str = "x"


def _nothing(output: str, exact: Exact) -> Array | None:
    right = getattr(exact, output)
    return None if right is None else np.zeros_like(right)


def _unmoved(old: str, exact: Exact) -> Array | None:
    moves = exact.update is not None and exact.update.share is not None
    return getattr(exact.update, old)[:, 0] if moves else None


def _output(exact: Exact, denominator: Array | float) -> Array:
    forward = exact.forward
    normalized = forward.centred / denominator
    rows = forward.weight * normalized + forward.bias
    return from_rows(rows, exact.output, exact.channel_axis)


def _without_variance(exact: Exact) -> Array:
    return _output(exact, 1.0)


def _without_eps(exact: Exact) -> Array:
    return _output(exact, np.sqrt(exact.forward.used.var))


def _without_mask(exact: Exact) -> Array | None:
    forward = exact.forward
    if forward.mask is None or not forward.from_batch:
        return None
    mean, var = (moment(forward.x, axis=1, keepdims=True) for moment in (np.mean, np.var))
    rows = forward.weight * (forward.x - mean) / np.sqrt(var + forward.eps) + forward.bias
    return from_rows(rows, exact.output, exact.channel_axis)


def _nothing_through_statistics(exact: Exact) -> Array | None:
    through = exact.backward is not None and exact.backward.through_statistics
    return _nothing("grad_input", exact) if through else None


def _stopped(exact: Exact) -> Array | None:
    backward = exact.backward
    if backward is None or backward.added is None or exact.grad_input is None:
        return None
    added = added_values(backward.added, backward.forward)
    if not np.any(np.isfinite(added) & (added != 0.0)):  # the batch has no share, or is no number
        return None
    return exact.grad_input - from_rows(added, exact.output, exact.channel_axis)


_DIFFER, _MOVE = "be anything but 0", "move from where it was"
_THROUGH = f"{_DIFFER} through the statistics of a batch"

#: What a session has to have asked of every output that is promised.
QUESTIONS = (
    Question(output="output", text=_DIFFER, mistaken=partial(_nothing, "output")),
    Question(output="output", text="depend on the variance", mistaken=_without_variance),
    Question(output="output", text="depend on eps", mistaken=_without_eps),
    Question(
        output="output",
        text="depend on a mask",
        mistaken=_without_mask,
        where_asked=True,
        given="mask",
    ),
    Question(output="running_mean", text=_MOVE, mistaken=partial(_unmoved, "old_mean")),
    Question(output="running_var", text=_MOVE, mistaken=partial(_unmoved, "old_var")),
    Question(output="grad_input", text=_DIFFER, mistaken=partial(_nothing, "grad_input")),
    Question(
        output="grad_input", text=_THROUGH, mistaken=_nothing_through_statistics, where_asked=True
    ),
    Question(
        output="grad_input",
        text="depend on a loss's gradients by running statistics",
        mistaken=_stopped,
        where_asked=True,
        given="grad_running_mean",
    ),
    Question(output="grad_weight", text=_DIFFER, mistaken=partial(_nothing, "grad_weight")),
    Question(output="grad_bias", text=_DIFFER, mistaken=partial(_nothing, "grad_bias")),
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The questions that a session has ``raised`` so far, and those that it has ``answered``."""

    raised: frozenset[Question] = frozenset()
    answered: frozenset[Question] = frozenset()


def answers(
    case_result: CaseResult, dialect: Dialect, known: Answers, *, dues: Dues = due_of
) -> Answers:
    """Return `known` with what this case result adds, by what `dues` says is due of its case."""
    judged = {check.output for check in case_result.checks}
    asked = [q for q in QUESTIONS if q.output in judged and q not in known.answered]
    # No other case is worth asking the oracle again.
    asked = [q for q in asked if getattr(case_result.inputs, q.given) is not None]
    if not asked:
        return known
    due = dues(case_result.case, case_result.inputs, dialect)
    with np.errstate(all="ignore"):
        wrong = {q: q.mistaken(due.exact) for q in asked}
        raised = [q for q, value in wrong.items() if value is not None]
        answered = [q for q in raised if _shows(q.output, wrong[q], due, case_result)]
    return Answers(raised=known.raised.union(raised), answered=known.answered.union(answered))


def _shows(output: str, value: Array | None, due: Due, case_result: CaseResult) -> bool:
    """Return whether the judge would see the mistake, NaN apart: due or not, it proves nothing."""
    assert value is not None
    right = getattr(due.exact, output)
    comparable = np.isfinite(value) & np.isfinite(right)
    plausible = np.where(comparable, value, right)
    stored = plausible.astype(case_result.outputs[output].dtype)
    tight = by_tight_line(
        {output: stored}, due.exact, dialect=due.dialect, dtype=due.dtype, limits=due.tight
    )
    return any(check.verdict != "pass" for check in tight.checks.values())


def unanswered(known: Answers, promised: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for each promised output what it never had to do."""
    found: dict[str, tuple[str, ...]] = {}
    for question in QUESTIONS:
        due = question in known.raised or not question.where_asked
        if due and question not in known.answered and question.output in promised:
            found[question.output] = (*found.get(question.output, ()), question.text)
    return MappingProxyType(found)
