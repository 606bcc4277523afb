"""What an evaluation has found wrong with its backend, as findings."""

from collections.abc import Sequence
from dataclasses import replace

from bnparity import results
from bnparity.diagnosis import Diagnosis
from bnparity.judging import CaseResult, Failure, unanswered
from bnparity.sessions.again import asked_again, faults_alike, untold
from bnparity.sessions.evaluation import Evaluation, ends_process
from bnparity.sessions.tally import FEWEST

#: The share of the cases that has to be answered: a variant that takes half of the ranks does.
LEAST_ANSWERED = 1 / 3


def findings_of(of: Evaluation, promised: Sequence[str]) -> tuple[results.Finding, ...]:
    """Return what is wrong; `promised` are the outputs that the backend should provide.

    What would make a pass worth nothing is told where there is nothing worse to tell.
    """
    faults, failures = deviations_of(of)
    if not of.totals.cases and of.totals.unsupported and not faults:
        return (results.declined(of.totals.unsupported),)
    missing = {name: n for name, n in of.totals.missing.items() if name in promised}
    absent = results.not_provided(of.totals.asked, missing)
    provided = [name for name in promised if name not in missing]
    judged = {name: figures.verdicts.total() for name, figures in of.totals.outputs.items()}
    never = {} if faults else unanswered(of.answers, provided)
    blind = results.could_not_fail(never, judged)
    worse = faults or failures
    few = [] if worse else _few_answers(of)
    borrowed = [results.borrows(of.borrowed)] if of.borrowed and not worse else []
    return (*faults, *failures, *absent, *blind, *few, *borrowed)


def deviations_of(of: Evaluation) -> tuple[list[results.Finding], list[results.Finding]]:
    """Return what came instead of answers, and what is wrong with answers."""
    faults = [_of_faults(of, alike) for alike in faults_alike(of.failures.values())]
    parts = [_finding(of, part) for found in of.diagnoses for part in _parts(of, found)]
    return faults, untold(parts, faults)


def _few_answers(of: Evaluation) -> list[results.Finding]:
    """Return the finding that most cases were declined, if they were."""
    answered, declined = of.totals.cases, of.totals.unsupported
    asked = answered + declined.total()
    if answered >= LEAST_ANSWERED * asked:
        return []
    return [results.mostly_declined(answered, asked, list(declined)[:3])]


def _of_faults(of: Evaluation, alike: Sequence[Failure]) -> results.Finding:
    """Return the finding that faults amount to which are all the same one."""
    told = [failure.symptom for failure in alike]
    varies = told[0].startswith("nondeterminism")  # which two equal calls show, and only they
    occurrence = results.Occurrence(
        count=_count(of, told),
        cases=of.totals.cases,
        shared=None if len(told) > 1 or varies else of.tally.shared(told[0]),
    )
    return results.of_fault(alike[0], occurrence, of.dialect_name)


def _parts(of: Evaluation, found: Diagnosis) -> list[Diagnosis]:
    """Return a diagnosis, taken apart by what is special of outputs that nothing explains."""
    if found.explained:
        return [found]
    kinds: dict[object, list[str]] = {}
    for output in found.outputs:
        special = (_again(of, found, output) is not None, _always_zero(of, output))
        kinds.setdefault(special, []).append(output)
    return [replace(found, outputs=tuple(outputs)) for outputs in kinds.values()]


def _finding(of: Evaluation, found: Diagnosis) -> results.Finding:
    """Return a diagnosis with the smallest case that failed: one shrunk for it, if any was."""
    output = found.outputs[0]
    occurrence = results.Occurrence(
        count=_count_where(of, found),
        cases=of.totals.cases,
        shared=None if found.where.text else of.tally.shared(output),
        worst=of.tally.worst_of(output, found.where.holds),
        again=_again(of, found, output),
        always_zero=not found.explained and _always_zero(of, output),
    )
    failures = _failures(of, found, output)
    return results.of_diagnosis(found, failures, occurrence, of.dialect, of.dialect_name)


def _failures(of: Evaluation, found: Diagnosis, output: str) -> list[CaseResult]:
    """Return the failures of an output that a diagnosis accounts for, what was shrunk first."""
    shrunk = [of.failures[output].case_result] if output in of.failures else []
    failures = [e for e in found.failures if output in e.failed]
    return sorted(failures, key=lambda e: not any(e is other for other in shrunk))


def _count_where(of: Evaluation, found: Diagnosis) -> int:
    """Return how many cases showed what a diagnosis is about; of many, as in those kept."""
    everywhere = _count(of, found.outputs)
    kept = [case for case, names in of.failed_cases if set(names) & set(found.outputs)]
    there = sum(found.where.holds(case) for case in kept)
    return everywhere if there == len(kept) else round(everywhere * there / len(kept))


def _again(of: Evaluation, found: Diagnosis, output: str) -> tuple[str, str] | None:
    """Return an element in two equal calls if it differs; what ends processes is not asked."""
    known = (output, found.where)
    if known not in of.varying:
        ended = of.stopped() or any(map(ends_process, of.failures))
        between = [case_result.case for case_result in of.passing[-2:]]
        smallest = _failures(of, found, output)[0]
        of.varying[known] = None if ended else asked_again(of.put, smallest, output, between)
    return of.varying[known]


def _always_zero(of: Evaluation, output: str) -> bool:
    """Return whether an output was 0 in every case that is kept."""
    kept = [e.outputs[output] for e in of.evidence if output in e.outputs]
    return len(kept) >= FEWEST and not any(array.any() for array in kept)


def _count(of: Evaluation, wanted: Sequence[str]) -> int:
    return sum(count for found, count in of.seen.items() if set(found) & set(wanted))
