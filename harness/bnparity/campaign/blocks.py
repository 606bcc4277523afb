"""One block of cases: what it contributes, and the smallest case behind a suspicion in it."""

from collections.abc import Callable
from dataclasses import dataclass

from bnparity.backends.open import Capabilities
from bnparity.campaign.contribution import Contribution, Gathering
from bnparity.campaign.drawing import without_local_constants
from bnparity.campaign.keys import cut
from bnparity.examine import Ask, Examination, examine
from bnparity.hunt import hunt, suspicions
from bnparity.inquiry import BLOCK, block_seed, climbs
from bnparity.session import inquiry_of

#: Of so many blocks one watches calls for other people's work, which takes time.
WATCHED_EVERY = 16
#: Cases that are asked to shrink one; a crash costs the start of a process each time.
SHRINKS, SHRINKS_OF_CRASH = 500, 20


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A backend that blocks are put to; with a block's number it determines everything.

    Parameters
    ----------
    ask, capabilities
        The backend.
    dtypes, dialect
        What it is asked, and what it is judged by.
    seed
        Of the campaign.
    """

    ask: Ask
    capabilities: Capabilities
    dtypes: tuple[str, ...]
    dialect: str
    seed: int


def draw(subject: Subject, number: int, over: Callable[[], bool]) -> Contribution | None:
    """Return what the block `number` contributes; None if it was `over` before its end."""
    inquiry = inquiry_of(subject.ask, subject.capabilities, subject.dtypes, subject.dialect)
    inquiry.most_suspects = inquiry.most_evidence = 0
    inquiry.watching = number % WATCHED_EVERY == 0
    gathering, stopped = Gathering(block=number), False

    def end() -> bool:
        nonlocal stopped
        stopped = stopped or over()
        return stopped or inquiry.given_up

    with without_local_constants():
        inquiry.draw_block(number, seed=subject.seed, examples=BLOCK, over=end, tell=gathering.add)
    return None if stopped else gathering.contribution(inquiry)


def shrink(
    subject: Subject, number: int, suspicion: str, over: Callable[[], bool]
) -> Examination | None:
    """Draw the block `number` again up to the first case of `suspicion`, and shrink that.

    None if there is no such case, as with a backend that errs now and then, and for what takes a
    call's whole time limit: every try would cost it.
    """
    if suspicion.startswith("hang: "):
        return None
    inquiry = inquiry_of(subject.ask, subject.capabilities, subject.dtypes, subject.dialect)

    def note(examination: Examination) -> str | None:
        return next((s for s in suspicions(examination) if cut(s) == suspicion), None)

    with without_local_constants():
        suspect = hunt(
            inquiry.strategy,
            lambda case: examine(subject.ask, case, inquiry.dialect),
            note,
            seed=block_seed(subject.seed, number),
            examples=BLOCK,
            over=over,
            climbing=climbs(number),
            shrinks=SHRINKS_OF_CRASH if suspicion.startswith("crash: ") else SHRINKS,
        )
    return None if suspect is None else suspect.examination
