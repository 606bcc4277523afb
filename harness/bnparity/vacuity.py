"""What has to be seen before a pass means anything: cases in which a check could have failed.

Each question is a mistake that a comparison may be blind to: running statistics that never had to
move, a gradient that is 0 whatever is computed, data whose variance is 1. A question is answered
by the first case in which the mistake would have been further off than the judge allows.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact
from bnparity_reference.rows import to_rows
from numpy.typing import NDArray

from bnparity.bounds import bounds
from bnparity.examine import Examination, expected
from bnparity.formats import format_of
from bnparity.judge import TIGHT, arithmetic_of

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One mistake in one output, and a function that says by how much it would show.

    ``shift`` takes the oracle's answer and returns the distance from it, in the output's shape or
    in rows.
    """

    output: str
    text: str
    shift: Callable[[Exact], Array | None]


def _itself(output: str) -> Callable[[Exact], Array | None]:
    def shift(exact: Exact) -> Array | None:
        value: Array | None = getattr(exact, output)
        return value

    return shift


def _moved(output: str, old: str) -> Callable[[Exact], Array | None]:
    def shift(exact: Exact) -> Array | None:
        if exact.update is None or exact.update.share is None:
            return None
        moved: Array = getattr(exact, output) - getattr(exact.update, old)[:, 0]
        return moved

    return shift


def _without_variance(exact: Exact) -> Array:
    forward = exact.forward
    return forward.weight * (forward.centred - forward.normalized)


def _without_eps(exact: Exact) -> Array:
    forward = exact.forward
    grown = forward.scale / np.sqrt(forward.used.var)
    return forward.weight * forward.normalized * (grown - 1.0)


def _through_statistics(exact: Exact) -> Array | None:
    if exact.backward is None or not exact.backward.through_statistics:
        return None
    return exact.grad_input


_DIFFER, _MOVE = "be anything but 0", "move from where it was"

#: What a session has to have asked of every output that is promised.
QUESTIONS = (
    Question(output="output", text=_DIFFER, shift=_itself("output")),
    Question(output="output", text="depend on the variance", shift=_without_variance),
    Question(output="output", text="depend on eps", shift=_without_eps),
    Question(
        output="running_mean",
        text="move from where it was",
        shift=_moved("running_mean", "old_mean"),
    ),
    Question(
        output="running_var", text="move from where it was", shift=_moved("running_var", "old_var")
    ),
    Question(output="grad_input", text=_DIFFER, shift=_itself("grad_input")),
    Question(
        output="grad_input",
        text=f"{_DIFFER} through the statistics of a batch",
        shift=_through_statistics,
    ),
    Question(output="grad_weight", text=_DIFFER, shift=_itself("grad_weight")),
    Question(output="grad_bias", text=_DIFFER, shift=_itself("grad_bias")),
)


def answered(
    examination: Examination, dialect: Dialect, open_questions: Collection[Question]
) -> frozenset[Question]:
    """Return those of `open_questions` that this examination answers."""
    judged = {check.output for check in examination.checks}
    asked = [question for question in open_questions if question.output in judged]
    if not asked:
        return frozenset()
    exact = expected(examination.case, examination.inputs, dialect)
    arithmetic = arithmetic_of(dialect, format_of(examination.case.dtype))
    limits = bounds(exact, dialect=dialect, arithmetic=arithmetic, growth=1)
    with np.errstate(all="ignore"):
        return frozenset(question for question in asked if _shows(question, exact, limits))


def _shows(question: Question, exact: Exact, limits: Mapping[str, Array | None]) -> bool:
    shift, limit = question.shift(exact), limits[question.output]
    if shift is None or limit is None:
        return False
    if shift.shape != limit.shape:
        limit = to_rows(limit, 1)
    visible = np.isfinite(shift) & (np.abs(shift) > TIGHT * limit)
    return bool(visible.any())


def unanswered(
    open_questions: Collection[Question], promised: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return for each promised output what it never had to do."""
    found: dict[str, tuple[str, ...]] = {}
    for question in QUESTIONS:
        if question in open_questions and question.output in promised:
            found[question.output] = (*found.get(question.output, ()), question.text)
    return MappingProxyType(found)
