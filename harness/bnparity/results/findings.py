"""What a session found wrong with a backend, in words, with the smallest case that shows it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, isnan
from typing import Any

from bnparity_reference import Dialect

from bnparity.backends import format_of
from bnparity.cases import Case, declaration, in_words
from bnparity.diagnosis import OF_ACCURACY, Diagnosis
from bnparity.judging import Accumulation, CaseResult, Check, Failure
from bnparity.results.figures import Figures
from bnparity.results.occurrence import Occurrence, Worst


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Parameters
    ----------
    id
        The same for the same finding on the same backend, whichever session made it.
    output
        The output concerned, the first of them if there are several; empty for a fault.
    kind
        ``accuracy`` or ``semantics``, a kind of `bnparity.backends.call.Fault`, or ``vacuous``.
    where
        In which calls, in words; empty where it is not said.
    codes
        What the backend does instead, as ``field=value`` of its dialect, or of an attribute.
    ratio, count
        Of the smallest case; and how many cases showed the same.
    cases
        How many cases there were; None where that is not known.
    worst
        The failing case with the largest ratio.
    outputs
        All the outputs concerned, where there are several.
    traceback, printed
        Of the smallest case: the frames of an exception, and the end of what the call printed.
    case_result, check
        Of the smallest case: what a folder that reproduces the finding is made from, and what is
        wrong there.
    diagnosed
        Whether an explanation was looked for.
    """

    id: str
    output: str = ""
    kind: str
    codes: tuple[str, ...] = ()
    where: str = ""
    text: str
    ratio: float | None = None
    case: Case | None = None
    count: int
    cases: int | None = None
    worst: Worst | None = None
    outputs: tuple[str, ...] = ()
    traceback: str = ""
    printed: str = ""
    case_result: CaseResult | None = field(default=None, repr=False)
    check: Check | None = field(default=None, repr=False)
    diagnosed: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the finding as results have it."""
        inner = ("case_result", "check", "diagnosed")
        shown = {name: value for name, value in vars(self).items() if name not in inner}
        return {
            **shown,
            "outputs": list(self.outputs or filter(None, [self.output])),
            "codes": list(self.codes),
            "explained": bool(self.codes),
            "case": None if self.case is None else self.case.to_json(),
            "worst": None if self.worst is None else self.worst.to_json(),
            "repro": None,
            "known": None,
            **({} if self.check is None else {"element": self.check.element()}),
            **({} if self.diagnosed else {"diagnosed": False}),
        }


def of_diagnosis(
    diagnosis: Diagnosis,
    failures: Sequence[CaseResult],
    occurrence: Occurrence,
    dialect: Dialect,
    dialect_name: str,
) -> Finding:
    """Return the finding that a diagnosis amounts to.

    Parameters
    ----------
    diagnosis
        The outputs, and what explains them.
    failures
        The case results in which the first of the outputs failed, the smallest first.
    occurrence
        How any of these outputs failed over the session.
    dialect, dialect_name
        What the backend declares.
    """
    smallest = failures[0]
    checks = [c for e in failures for c in e.checks if c.output == diagnosis.outputs[0]]
    check = checks[0]
    where = diagnosis.where.text
    outputs = f"{', '.join(diagnosis.outputs)} {where}".rstrip()
    varies = occurrence.again is not None
    cause = _cause(diagnosis, dialect, dialect_name, occurrence)
    place = _evidence(check, smallest.case, dialect_name)
    return Finding(
        id=identity(outputs, *(["varies"] if varies else diagnosis.codes)),
        output=check.output,
        kind=_kind(diagnosis, checks, smallest.case, occurrence),
        codes=() if varies else diagnosis.codes,
        where=where,
        text=f"{outputs}{cause}; {place}{_shared(occurrence)}",
        ratio=check.ratio,
        case=smallest.case,
        count=occurrence.count,
        cases=occurrence.cases,
        worst=occurrence.worst,
        outputs=diagnosis.outputs,
        printed=smallest.printed,
        case_result=smallest,
        check=check,
    )


def of_fault(failure: Failure, occurrence: Occurrence, dialect_name: str) -> Finding:
    """Return the finding that a crash, an exception or another fault amounts to.

    One of a backend that was given up is about no case: the one that was drawn then was not asked.
    """
    result, fault = failure.case_result, failure.case_result.fault
    assert fault is not None, failure
    found = Finding(
        id=identity(failure.symptom),
        kind=fault.kind,
        text=fault.text,
        count=occurrence.count,
        cases=occurrence.cases,
    )
    if fault.final:
        return found
    where = f" at {fault.place}" if fault.place else ""
    smallest = in_words(result.case, declaration(dialect_name))
    text = f"{fault.text}{where}; in the smallest case, {smallest}{_shared(occurrence)}"
    return replace(
        found,
        text=text,
        case=result.case,
        traceback=fault.traceback,
        printed=result.printed,
        case_result=result,
    )


def not_again(output: str, count: int) -> Finding:
    """Return the finding that an output failed `count` times, but not when it was asked again."""
    text = f"{output} failed in {count} cases; those that were kept pass when asked again"
    named = identity("not again", output)
    return Finding(id=named, output=output, kind="nondeterminism", text=text, count=count)


def not_diagnosed(
    output: str, figures: Figures, smallest: Case | None, dialect_name: str
) -> Finding:
    """Return the finding that an output fails, by its figures, which nobody has explained yet."""
    where = ""
    if smallest is not None:
        where = f"; in the smallest case so far, {in_words(smallest, declaration(dialect_name))}"
    unit = format_of("float32" if smallest is None else smallest.dtype).unit
    return Finding(
        id=identity("not diagnosed", output),
        output=output,
        kind=_kind_of(figures.worst_ratio, unit),
        text=f"{output} fails, and what explains it has not been looked for yet{where}",
        ratio=figures.worst_ratio,
        case=smallest,
        count=figures.verdicts["fail"],
        diagnosed=False,
    )


def of_accumulation(declared: str | None, worse: Mapping[str, Accumulation]) -> Finding:
    """Return the finding that outputs are summed less accurately than the backend declares.

    Parameters
    ----------
    declared
        The attribute ``accumulation``.
    worse
        What was measured of each output that is worse; at least one.
    """
    instead = ", ".join(f"{output} is {found.grade}" for output, found in worse.items())
    return Finding(
        id=identity("accumulation", *worse),
        output=next(iter(worse)),
        kind="accuracy",
        codes=tuple(f"accumulation={g}" for g in dict.fromkeys(f.grade for f in worse.values())),
        text=f"the attribute accumulation says {declared}, but by how errors grow, {instead}",
        count=max(len(found.points) for found in worse.values()),
        outputs=tuple(worse),
    )


def _cause(
    diagnosis: Diagnosis, dialect: Dialect, dialect_name: str, occurrence: Occurrence
) -> str:
    if occurrence.again is not None:
        return f": differs between equal calls: {' then '.join(occurrence.again)}"
    if occurrence.always_zero:
        return ": always 0"
    if not diagnosis.explained:
        tried = "" if diagnosis.finished else " that was tried"
        return f": no change of conventions{tried} explains this"
    declared = ", ".join(f"{name}={getattr(dialect, name)}" for name, _ in diagnosis.changes)
    return f": computed with {', '.join(diagnosis.told)}, but {dialect_name} has {declared}"


def _shared(occurrence: Occurrence) -> str:
    """Return what all cases that fail have in common, and no others."""
    if occurrence.shared is None:
        return ""
    return f"; what all cases that fail have, and no others: {occurrence.shared}"


def _kind(diagnosis: Diagnosis, checks: Sequence[Check], case: Case, occurrence: Occurrence) -> str:
    if occurrence.again is not None:
        return "nondeterminism"
    if occurrence.always_zero:
        return "semantics"
    if diagnosis.explained:
        return "semantics" if dict(diagnosis.changes).keys() - OF_ACCURACY else "accuracy"
    unit = format_of(case.dtype).unit
    kinds = [_kind_of(check.ratio, unit) for check in checks]
    # A wrong eps may look like rounding in the smallest case, and any fault in extreme ones.
    of_most = 2 * kinds.count("semantics") > len(kinds)
    return "semantics" if of_most else kinds[0]


def _kind_of(ratio: float, unit: float) -> str:
    # Relative to the terms of the result, not even half arithmetic rounds as coarsely as this.
    return "semantics" if ratio * unit > format_of("float16").unit else "accuracy"


def _evidence(check: Check, case: Case, dialect_name: str) -> str:
    allowed = f" (an accurate result is within {check.bound:.2g})" if isfinite(check.bound) else ""
    if check.bound == 0.0:
        allowed = " to the bit: nothing was to move it"
    if isnan(check.expected) and case.values_per_channel == 0:
        allowed = " (of no values, the mean and the variance are 0 / 0)"
    smallest = in_words(case, declaration(dialect_name))
    return f"in the smallest case, {smallest}, {check.told()}{allowed}"


def identity(*parts: str) -> str:
    """Return the id that `parts` make, which together say what is wrong."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]
