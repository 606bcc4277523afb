"""A block of cases: what it contributes, and the smallest case behind a symptom in it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bnparity.backends import Ask, Capabilities
from bnparity.judging import CaseResult
from bnparity.sessions.campaign.contribution import Contribution, Gathering
from bnparity.sessions.campaign.figures import cut
from bnparity.sessions.evaluation import BLOCK, SHRINKS, ends_process, evaluation_of
from bnparity.sessions.plan import Plan

#: Of so many blocks one watches calls for other people's work, which takes time.
TRACED_EVERY = 16

#: Whether to stop.
Over: TypeAlias = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A backend that blocks are put to by a plan; with a block's number that determines all.

    ``sources`` returns what has been run of its own files.
    """

    ask: Ask
    capabilities: Capabilities
    plan: Plan
    sources: Callable[[], Mapping[str, str]] = dict


def draw(subject: Subject, number: int, over: Over) -> Contribution | None:
    """Return what the block `number` contributes; None if it was `over` before its end."""
    evaluation = evaluation_of(subject.ask, subject.capabilities, subject.plan)
    evaluation.most_failures = evaluation.most_evidence = 0
    evaluation.tracing = number % TRACED_EVERY == 0
    gathering, stopped = Gathering(block=number), False
    evaluation.tell = gathering.add

    def end() -> bool:
        nonlocal stopped
        stopped = stopped or over()
        return stopped or evaluation.given_up

    seed = subject.plan.seed
    evaluation.draw_block(number, seed, examples=BLOCK, over=end)
    return None if stopped else gathering.contribution(evaluation)


def ends_backend(contribution: Contribution) -> bool:
    """Return whether a block has cost the backend its process, so that it is opened anew."""
    seen = [json.loads(text)[0] for what, text in contribution.counts if what == "seen"]
    return any(map(ends_process, seen))


def shrink(subject: Subject, number: int, symptom: str, over: Over) -> CaseResult | None:
    """Draw the block `number` again up to the first case of `symptom`, and shrink that.

    None if there is no such case, as with a backend that errs now and then, and for what takes a
    call's whole time limit: every try would cost it.
    """
    if symptom.startswith("hang: "):
        return None
    evaluation = evaluation_of(subject.ask, subject.capabilities, subject.plan)
    evaluation.follows = lambda found: cut(found) == symptom
    evaluation.most_evidence, evaluation.tracing = 0, False
    evaluation.shrinks = SHRINKS

    def end() -> bool:
        return bool(evaluation.failures) or over()

    evaluation.draw_block(number, subject.plan.seed, examples=BLOCK, over=end)
    return next((failure.case_result for failure in evaluation.failures.values()), None)
