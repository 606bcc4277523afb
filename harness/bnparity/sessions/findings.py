"""What an evaluation has found wrong with its backend, as findings."""

from collections.abc import Sequence
from dataclasses import replace

from bnparity import results
from bnparity.diagnosis import Diagnosis
from bnparity.judging import CaseResult, Failure, unanswered
from bnparity.sessions.again import asked_again, faults_alike, untold
from bnparity.sessions.evaluation import Evaluation, ends_process
from bnparity.sessions.tally import FEWEST
from bnparity.sessions.unsteady import varies

#: The share of the cases that has to be answered: a variant that takes half of the ranks does.
LEAST_ANSWERED = 1 / 3


def findings_of(evaluation: Evaluation, promised: Sequence[str]) -> tuple[results.Finding, ...]:
    """Return what is wrong; `promised` are the outputs that the backend should provide.

    What would make a pass worth nothing is told where there is nothing worse to tell.
    """
    faults, failures = deviations_of(evaluation)
    if not evaluation.totals.cases and evaluation.totals.unsupported and not faults:
        return (results.declined(evaluation.totals.unsupported),)
    missing = {name: n for name, n in evaluation.totals.missing.items() if name in promised}
    totals = evaluation.totals
    absent = results.not_provided(totals.asked, missing, totals.besides)
    provided = [name for name in promised if name not in missing]
    judged = {name: figures.verdicts.total() for name, figures in evaluation.totals.outputs.items()}
    never = {} if faults else unanswered(evaluation.answers, provided)
    blind = results.could_not_fail(never, judged)
    worse = faults or failures
    few = [] if worse else _few_answers(evaluation)
    borrowed = [results.borrows(evaluation.borrowed)] if evaluation.borrowed and not worse else []
    changed = [results.changed(evaluation.changed)] if evaluation.changed else []
    return (*faults, *failures, *absent, *blind, *few, *borrowed, *changed)


def deviations_of(
    evaluation: Evaluation,
) -> tuple[list[results.Finding], list[results.Finding]]:
    """Return what came instead of answers, and what is wrong with answers."""
    faults = [_of_faults(evaluation, alike) for alike in faults_alike(evaluation.failures.values())]
    parts = [
        _finding(evaluation, part)
        for found in evaluation.diagnoses
        for part in _parts(evaluation, found)
    ]
    return faults, untold(parts, faults)


def _few_answers(evaluation: Evaluation) -> list[results.Finding]:
    """Return the finding that most cases were declined, if they were."""
    answered, declined = evaluation.totals.cases, evaluation.totals.unsupported
    asked = answered + declined.total()
    if answered >= LEAST_ANSWERED * asked:
        return []
    return [results.mostly_declined(answered, asked, list(declined)[:3])]


def _of_faults(evaluation: Evaluation, alike: Sequence[Failure]) -> results.Finding:
    """Return the finding that faults amount to which are all the same one."""
    told = [failure.symptom for failure in alike]
    occurrence = results.Occurrence(
        count=_count(evaluation, told),
        cases=evaluation.totals.cases,
        # Two equal calls show that they vary, and only they.
        shared=None if len(told) > 1 or varies(told[0]) else evaluation.tally.shared(told[0]),
    )
    return results.of_fault(alike[0], occurrence, evaluation.dialect_name)


def _parts(evaluation: Evaluation, found: Diagnosis) -> list[Diagnosis]:
    """Return a diagnosis, taken apart by what is special of outputs that nothing explains."""
    if found.explained:
        return [found]
    kinds: dict[object, list[str]] = {}
    for output in found.outputs:
        special = (_again(evaluation, found, output) is not None, _always_zero(evaluation, output))
        kinds.setdefault(special, []).append(output)
    return [replace(found, outputs=tuple(outputs)) for outputs in kinds.values()]


def _finding(evaluation: Evaluation, found: Diagnosis) -> results.Finding:
    """Return a diagnosis with the smallest case that failed: one shrunk for it, if any was."""
    output = found.outputs[0]
    occurrence = results.Occurrence(
        count=_count_where(evaluation, found),
        cases=evaluation.totals.cases,
        shared=None if found.where.text else evaluation.tally.shared(output),
        worst=evaluation.tally.worst_of(output, found.where.holds),
        again=_again(evaluation, found, output),
        always_zero=not found.explained and _always_zero(evaluation, output),
    )
    failures = _failures(evaluation, found, output)
    return results.of_diagnosis(
        found, failures, occurrence, evaluation.dialect, evaluation.dialect_name
    )


def _failures(evaluation: Evaluation, found: Diagnosis, output: str) -> list[CaseResult]:
    """Return the failures of an output that a diagnosis accounts for, what was shrunk first."""
    shrunk = [evaluation.failures[output].case_result] if output in evaluation.failures else []
    failures = [e for e in found.failures if output in e.failed]
    return sorted(
        failures, key=lambda e: (not any(e is other for other in shrunk), e.inputs.x.size)
    )


def _count_where(evaluation: Evaluation, found: Diagnosis) -> int:
    """Return how many cases showed what a diagnosis is about; of many, as in those kept."""
    everywhere = round(_count(evaluation, found.outputs) * share_of(evaluation, found))
    kept = [case for case, names in evaluation.failed_cases if set(names) & set(found.outputs)]
    there = sum(found.where.holds(case) for case in kept)
    return everywhere if there == len(kept) else round(everywhere * there / len(kept))


def share_of(evaluation: Evaluation, found: Diagnosis) -> float:
    """Return which share of the failures of its outputs a diagnosis is about: the rest of some."""
    others = [d for d in evaluation.diagnoses if d.explained and {*d.outputs} & {*found.outputs}]
    if found.explained or found.where.text or not others:
        return 1.0
    told = len({id(e) for d in others for e in d.failures if {*e.failed} & {*found.outputs}})
    return len(found.failures) / (told + len(found.failures))


def _again(evaluation: Evaluation, found: Diagnosis, output: str) -> tuple[str, str] | None:
    """Return an element in two equal calls if it differs; what ends processes is not asked."""
    known = (output, found.where)
    if known not in evaluation.varying:
        ended = evaluation.stopped() or any(map(ends_process, evaluation.failures))
        between = [case_result.case for case_result in evaluation.passing[-2:]]
        smallest = _failures(evaluation, found, output)[0]
        evaluation.varying[known] = (
            None if ended else asked_again(evaluation.put, smallest, output, between)
        )
    return evaluation.varying[known]


def _always_zero(evaluation: Evaluation, output: str) -> bool:
    """Return whether an output was 0 in every case that is kept."""
    kept = [e.outputs[output] for e in evaluation.evidence if output in e.outputs]
    return len(kept) >= FEWEST and not any(array.any() for array in kept)


def _count(evaluation: Evaluation, wanted: Sequence[str]) -> int:
    return sum(count for found, count in evaluation.seen.items() if set(found) & set(wanted))
