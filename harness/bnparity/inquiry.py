"""One backend under examination: what was seen, what is suspicious, what follows from it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bnparity_reference import Dialect
from hypothesis.strategies import SearchStrategy

from bnparity.by_format import concerns, diagnose_by_format
from bnparity.case import Case
from bnparity.diagnose import Diagnosis
from bnparity.examine import Ask, Examination, examine
from bnparity.findings import (
    Finding,
    borrows,
    could_not_fail,
    not_provided,
    of_diagnosis,
    of_fault,
)
from bnparity.hunt import Suspect, hunt, suspicions
from bnparity.plain import plain_cases
from bnparity.tally import Tally, cell_of
from bnparity.vacuity import Answers, answers, unanswered

#: Cases are drawn in blocks of at most this many, each from a seed of its own. Of every second
#: block one half climbs towards larger ratios: more would ask too much of too few spots.
BLOCK = 250
#: How many suspicions of one backend are followed up.
MOST_SUSPECTS = 12
#: How many of each a diagnosis of findings has to account for.
MOST_EVIDENCE = 40

#: How many calls of each kind are watched for other people's work.
WATCHED = 2


def block_seed(seed: int, number: int) -> int:
    """Return the seed from which the block `number` of a session with `seed` is drawn."""
    return (seed << 32) + number


def climbs(number: int) -> bool:
    """Return whether the block `number` climbs: every second one does."""
    return number % 2 == 1


@dataclass(kw_only=True)
class Inquiry:
    """The state of an inquiry.

    Parameters
    ----------
    ask, dialect, dialect_name
        The backend, and what it declares.
    strategy
        Where the cases come from.
    tally
        Where the figures go.
    most_evidence
        How many failing and how many passing examinations are kept for the diagnosis.
    most_suspects
        How many suspicions are followed up; 0 draws every block to its end.
    watching
        Whether some calls are watched for other people's work.
    """

    ask: Ask
    dialect: Dialect
    dialect_name: str
    strategy: SearchStrategy[Case]
    tally: Tally
    most_evidence: int = MOST_EVIDENCE
    most_suspects: int = MOST_SUSPECTS
    watching: bool = True
    drawn: int = 0
    suspects: dict[str, Suspect] = field(default_factory=dict)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failing: list[Examination] = field(default_factory=list)
    passing: list[Examination] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    watched: Counter[object] = field(default_factory=Counter)
    borrowed: str = ""
    given_up: bool = False

    def run(
        self, *, seed: int, examples: int | None, deadline: float, report: Callable[[], None]
    ) -> None:
        """Put up to `examples` cases to the backend, until the `time.monotonic` of `deadline`."""

        def over() -> bool:
            return self.given_up or time.monotonic() > deadline

        block = 0
        while not over() and (examples is None or self.drawn < examples):
            before = self.drawn
            self.draw_block(
                block,
                seed=seed,
                examples=BLOCK if examples is None else min(BLOCK, examples - self.drawn),
                over=over,
                tell=lambda _: report(),
            )
            if self.drawn == before:
                break  # every case of a small space has been drawn
            block += 1

    def draw_block(
        self,
        number: int,
        *,
        seed: int,
        examples: int,
        over: Callable[[], bool],
        tell: Callable[[Examination], None],
    ) -> None:
        """Draw up to `examples` cases of the block `number`, and follow the first new suspicion.

        Parameters
        ----------
        number, seed
            Of the block, and of all of them: together they say what is drawn.
        examples, over
            As `hunt` takes them.
        tell
            Takes each examination, after it is noted.
        """

        def note(examination: Examination) -> str | None:
            suspicion = self._note(examination)
            tell(examination)
            return suspicion

        suspect = hunt(
            self.strategy,
            self.put,
            note,
            seed=block_seed(seed, number),
            examples=examples,
            over=over,
            climbing=climbs(number),
        )
        if suspect is not None:
            self.suspects[suspect.suspicion] = suspect

    @property
    def evidence(self) -> list[Examination]:
        """What a diagnosis has to account for: the smallest failures, others, and passes."""
        shrunk = [suspect.examination for suspect in self.suspects.values()]
        return [*(e for e in shrunk if e.fault is None), *self.failing, *self.passing]

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What explains the outputs that failed; made once, after the run."""
        return diagnose_by_format(self.evidence, self.dialect, self._plain)

    def findings(self, promised: Sequence[str]) -> tuple[Finding, ...]:
        """Return what is wrong; `promised` are the outputs that the backend should provide.

        What would make a pass worth nothing is told where there is nothing worse to tell.
        """
        faults, failures = self._faults(), self._failures()
        borrowed = [borrows(self.borrowed)] if self.borrowed and not (faults or failures) else []
        blind = [] if faults else self._blind(promised)
        return (*faults, *failures, *self._missing(promised), *blind, *borrowed)

    def _plain(self) -> list[Examination]:
        """Ask ordinary cases in the formats that fail; a reply that varies says nothing there."""
        if any(suspicion.startswith("nondeterminism") for suspicion in self.suspects):
            return []
        asked = plain_cases([examination.case for examination in self.failing], self.dialect)
        return [self.put(case) for case in asked]

    def put(self, case: Case) -> Examination:
        """Put a case to the backend, without noting what comes of it."""
        kind = (cell_of(case), case.affine, case.gradient, case.values_per_channel < 2)
        self.watched[kind] += 1
        watched = self.watching and self.watched[kind] <= WATCHED
        return examine(self.ask, case, self.dialect, watched=watched)

    def _note(self, examination: Examination) -> str | None:
        if examination.fault is not None and examination.fault.final:
            self.given_up = True
        self.drawn += 1
        self.tally.add(examination)
        found = suspicions(examination)
        self.borrowed = self.borrowed or examination.borrowed
        self.answers = answers(examination, self.dialect, self.answers)
        if examination.fault is None:
            evidence = self.failing if found else self.passing
            if len(evidence) < self.most_evidence:
                evidence.append(examination)
        if not found:
            return None
        self.seen[found] += 1
        new = [suspicion for suspicion in found if suspicion not in self.suspects]
        return new[0] if new and len(self.suspects) < self.most_suspects else None

    def _faults(self) -> list[Finding]:
        return [
            of_fault(suspect, self._count((suspicion,)))
            for suspicion, suspect in self.suspects.items()
            if suspect.examination.fault is not None
        ]

    def _failures(self) -> list[Finding]:
        return [
            of_diagnosis(
                found,
                self._smallest(found),
                self._count(found.outputs),
                self.dialect,
                self.dialect_name,
            )
            for found in self.diagnoses
        ]

    def _smallest(self, found: Diagnosis) -> Examination:
        """Return the smallest examination that failed: that was shrunk for it, if one was."""
        output = found.outputs[0]
        shrunk = [self.suspects[output].examination] if output in self.suspects else []
        return next(
            examination
            for examination in (*shrunk, *self.evidence)
            if output in examination.failed and concerns(found, examination.case)
        )

    def _missing(self, promised: Sequence[str]) -> list[Finding]:
        return [
            not_provided(output, self.tally.asked[output], missing)
            for output, missing in self.tally.missing.items()
            if output in promised
        ]

    def _blind(self, promised: Sequence[str]) -> list[Finding]:
        checkable = [output for output in promised if output not in self.tally.missing]
        return [
            could_not_fail(output, texts, self._judged(output))
            for output, texts in unanswered(self.answers, checkable).items()
        ]

    def _judged(self, output: str) -> int:
        figures = self.tally.outputs.get(output)
        return 0 if figures is None else figures.verdicts.total()

    def _count(self, wanted: Sequence[str]) -> int:
        return sum(count for found, count in self.seen.items() if set(found) & set(wanted))
