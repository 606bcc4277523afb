"""What a failing backend does instead: the smallest change of its dialect that explains it.

The same oracle and the same judge answer: under which conventions would these outputs pass? For
each output a list of rules is found. Before one is told the backend is asked cases made for it,
which become part of what has to be explained.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bnparity_reference import Dialect

from bnparity.cases import Case, value_text
from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.candidates import SOLVERS, TEXTBOOK, Changes, Evidence
from bnparity.diagnosis.combinations import MOST_CHANGES
from bnparity.diagnosis.conditions import EVERYWHERE, Condition
from bnparity.diagnosis.evidence import MOST_EFFORT, Rejudging
from bnparity.diagnosis.lists import MOST_OF, not_by_chance
from bnparity.diagnosis.outputs import lists_of, remaining_where
from bnparity.diagnosis.probes import Put, beside
from bnparity.diagnosis.readings import Readings
from bnparity.diagnosis.rules import Lists, Rule, Told
from bnparity.diagnosis.solvers import uncertainty_of
from bnparity.judging import CaseResult

#: How often what was found is put to the test, and looked for anew.
ROUNDS = 2
#: What a search takes of the effort that is left, at most, is one of so many parts.
SEARCHES = 1.5


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Outputs that one set of changes explains in one condition; no changes where nothing does.

    ``failures`` are those that it accounts for, the smallest first. If it is not ``finished``, time
    was up before everything had been tried. ``uncertainties`` say of numbers that were solved for
    how far off they may be.
    """

    outputs: tuple[str, ...]
    changes: Changes
    where: Condition = EVERYWHERE
    failures: tuple[CaseResult, ...] = field(default=(), repr=False, compare=False)
    finished: bool = True
    uncertainties: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def told(self) -> tuple[str, ...]:
        """The changes in words: their codes, and how far off numbers may be."""
        known = {code.partition("=")[0]: code for code in self.codes}
        unsure = {name: f" +- {off:.0g}" for name, off in self.uncertainties.items()}
        return tuple(f"{code}{unsure.get(name, '')}" for name, code in known.items())

    @property
    def codes(self) -> tuple[str, ...]:
        """The changes as they are told."""
        return codes_of(self.changes)

    @property
    def explained(self) -> bool:
        """Whether a change of conventions accounts for all that was seen of these outputs."""
        return bool(self.changes)


def codes_of(changes: Changes) -> tuple[str, ...]:
    """Return changes as they are told: a gradient left as it was is part of what was changed."""
    return tuple(
        f"{name}={value_text(value)}" for name, value in changes if (name, value) != TEXTBOOK
    )


def diagnose(
    evidence: Evidence,
    dialect: Dialect,
    put: Put | None = None,
    *,
    deadline: float = math.inf,
    most_effort: float = MOST_EFFORT,
) -> tuple[Diagnosis, ...]:
    """Return diagnoses that between them cover every output that fails somewhere in `evidence`.

    Parameters
    ----------
    evidence
        Case results of one backend, failing ones and passing ones: a change has to explain the
        former without contradicting the latter.
    dialect
        What the backend declares.
    put
        Puts a case to the backend. Without it nothing is told that holds in some condition only, or
        is of accuracy.
    deadline
        On the clock of `time.monotonic`: what is not explained by then is told as such.
    most_effort
        So is what takes more than this, which is the same on every machine.
    """
    rejudging = Rejudging(dialect=dialect, deadline=deadline, most_effort=most_effort)
    seen = _each_once(evidence)
    like = [e.case for e in seen if e.failed]
    if put is None:
        lists = lists_of(seen, rejudging, None, MOST_CHANGES)
        sound = {rule for rule in lists.rules() if rule.where == EVERYWHERE}
    else:
        bearing = Bearing(put=put, rejudging=rejudging, like=like)
        lists, sound = _tested_lists(seen, rejudging, bearing)
    found = _diagnoses(_beyond_chance(lists.of(sound)), seen, finished=not rejudging.over)
    readings = rejudging.readings
    return tuple(replace(d, uncertainties=_uncertainties(d, readings)) for d in found)


def _beyond_chance(lists: Lists) -> Lists:
    """Return `lists` without what is told of a few calls: rules were taken out that told more."""
    parted = {o: not_by_chance(told, lists.left[o]) for o, told in lists.told.items()}
    return Lists(
        told={output: told for output, (told, _) in parted.items()},
        left={output: left for output, (_, left) in parted.items()},
    )


def _uncertainties(found: Diagnosis, readings: Readings) -> dict[str, float]:
    """Return how far off the numbers of a diagnosis may be, by convention."""
    solved = [(name, value) for name, value in found.changes if name in SOLVERS and value]
    pairs = {name: uncertainty_of(name, v, found.failures, readings) for name, v in solved}
    return {name: off for name, off in pairs.items() if off is not None}


def _each_once(evidence: Evidence) -> list[CaseResult]:
    """Return the evidence without what was drawn again: a smallest case is, in every block."""
    return list({(e.case, e.failed): e for e in reversed(evidence)}.values())[::-1]


def _tested_lists(
    seen: list[CaseResult], rejudging: Rejudging, bearing: Bearing
) -> tuple[Lists, set[Rule]]:
    """Return lists of rules, and those that were put to the test; `seen` grows by what was asked.

    Single changes are put to the test before several at once are looked for. What comes too late to
    be looked for anew is told only if all that is asked for its sake agrees.
    """
    lists, tested = Lists(), set[Rule]()
    for most_changes in (1, MOST_CHANGES):
        lists = _looked_for(seen, rejudging, bearing, most_changes, lists)
        for _ in range(ROUNDS):
            untested = [rule for rule in lists.rules() if rule not in tested]
            if not untested or rejudging.over:
                break
            tested.update(untested)
            seen += _answers(_made_for(untested, lists, seen), bearing.put)
            lists = _looked_for(seen, rejudging, bearing, most_changes, lists)
        if not any(lists.left.values()):
            break
    late = [rule for rule in lists.rules() if rule not in tested]
    return lists, tested | {rule for rule in late if _stands(rule, lists, seen, bearing)}


def _looked_for(
    seen: Evidence, rejudging: Rejudging, bearing: Bearing, most_changes: int, before: Lists
) -> Lists:
    """Return lists of rules; effort is kept to put these to the test."""
    with rejudging.part(SEARCHES):
        return lists_of(seen, rejudging, bearing, most_changes, before)


def _stands(rule: Rule, lists: Lists, seen: Evidence, bearing: Bearing) -> bool:
    """Return whether what is asked for the sake of a rule agrees with it, in all its outputs.

    Where it does not hold another rule may, or what is declared. If nothing is answered any more,
    it is told as without anybody to ask: if it holds everywhere. An arithmetic, which ordinary
    cases have borne out, has to account for most of what fails.
    """
    made = _made_for([rule], lists, seen)
    answers = _answers(made, bearing.put)
    if made and not answers:
        return rule.where == EVERYWHERE
    outputs = [o for o, parts in lists.told.items() if any(part.rule == rule for part in parts)]
    failing = "arithmetic" in dict(rule.changes)
    agree = [
        any(
            bearing.rejudging.outcome(e, check.output, changes) != "contradicted"
            for changes in _told_for(e, rule, lists.told[check.output])
        )
        for e in answers
        for check in e.checks
        if check.output in outputs and (check.output in e.failed or not failing)
    ]
    return sum(agree) >= (MOST_OF if failing else 1) * len(agree)


def _told_for(case_result: CaseResult, rule: Rule, told: Sequence[Told]) -> list[Changes]:
    """Return the changes of a rule where it holds, elsewhere of the others; or none."""
    if rule.where.holds(case_result.case):
        return [rule.changes]
    others = [part.rule.changes for part in told if part.rule.where.holds(case_result.case)]
    return others or [()]


def _made_for(rules: Sequence[Rule], lists: Lists, seen: Evidence) -> list[Case]:
    """Return cases made for `rules`, each once."""
    cases = [e.case for e in seen]
    made = (
        case
        for rule in rules
        for case in beside(rule.where, [e.case for e in lists.failures_of(rule)], cases)
    )
    return list(dict.fromkeys(made))


def _answers(cases: Sequence[Case], put: Put) -> list[CaseResult]:
    """Return what the backend makes of cases, without what is no answer."""
    answers = [put(case) for case in cases]
    return [answer for answer in answers if answer.fault is None]


def _diagnoses(lists: Lists, seen: Evidence, *, finished: bool) -> tuple[Diagnosis, ...]:
    """Return one diagnosis for each cause, and one for what is left in each condition."""
    found: dict[tuple[tuple[str, ...], Condition], Diagnosis] = {}
    for output, told in lists.told.items():
        for part in told:
            key = codes_of(part.rule.changes), part.rule.where
            _join(found, key, output, part.rule.changes, part.failures)
    for output, left in lists.left.items():
        if left:
            where = remaining_where(output, left, seen) if lists.told[output] else EVERYWHERE
            _join(found, ((), where), output, (), left, finished=finished)
    return tuple(found.values())


def _join(
    found: dict[tuple[tuple[str, ...], Condition], Diagnosis],
    key: tuple[tuple[str, ...], Condition],
    output: str,
    changes: Changes,
    failures: Sequence[CaseResult],
    *,
    finished: bool = True,
) -> None:
    """Add an output to the diagnosis of its cause."""
    before = found.get(key)
    outputs = (*(before.outputs if before else ()), output)
    known = before.failures if before else ()
    new = [e for e in failures if all(e is not other for other in known)]
    found[key] = Diagnosis(
        outputs=outputs,
        changes=before.changes if before else tuple(c for c in changes if c != TEXTBOOK),
        where=key[1],
        failures=(*known, *new),
        finished=finished,
    )
