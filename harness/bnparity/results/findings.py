"""What a session found wrong with a backend, in words, with the smallest case that shows it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from bnparity_reference import Dialect

from bnparity.backends import LayerError, format_of
from bnparity.cases import Case
from bnparity.diagnosis import OF_ACCURACY, Diagnosis
from bnparity.judging import Accumulation, CaseResult, Check, Drift, Failure


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
    codes
        What the backend does instead, as ``field=value`` of its dialect, or of an attribute.
    ratio, count
        Of the smallest case; and how many cases showed the same.
    outputs
        All the outputs concerned, where there are several.
    case_result, check
        Of the smallest case: what a folder that reproduces the finding is made from, and what is
        wrong there.
    """

    id: str
    output: str = ""
    kind: str
    codes: tuple[str, ...] = ()
    text: str
    ratio: float | None = None
    case: Case | None = None
    count: int
    outputs: tuple[str, ...] = ()
    case_result: CaseResult | None = None
    check: Check | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the finding as results have it."""
        inner = ("case_result", "check")
        shown = {name: value for name, value in vars(self).items() if name not in inner}
        return {
            **shown,
            "outputs": list(self.outputs or filter(None, [self.output])),
            "codes": list(self.codes),
            "explained": bool(self.codes),
            "case": None if self.case is None else self.case.to_json(),
            "repro": None,
            **({} if self.check is None else {"element": self.check.element()}),
        }


def of_diagnosis(
    diagnosis: Diagnosis,
    smallest: CaseResult,
    count: int,
    dialect: Dialect,
    dialect_name: str,
) -> Finding:
    """Return the finding that a diagnosis amounts to.

    Parameters
    ----------
    diagnosis
        The outputs, and what explains them.
    smallest
        The smallest case result in which the first of the outputs failed.
    count
        How many cases failed on any of these outputs.
    dialect, dialect_name
        What the backend declares.
    """
    check = next(c for c in smallest.checks if c.output == diagnosis.outputs[0])
    outputs = ", ".join(diagnosis.outputs)
    if diagnosis.formats is not None:
        data, params = diagnosis.formats
        outputs += f" of {data} data with {params} parameters"
    cause = _cause(diagnosis, dialect, dialect_name)
    return Finding(
        id=_identity(outputs, *diagnosis.codes),
        output=check.output,
        kind=_kind(diagnosis, check, smallest.case),
        codes=diagnosis.codes,
        text=f"{outputs}: {cause}; {_evidence(check, smallest.case)}",
        ratio=check.ratio,
        case=smallest.case,
        count=count,
        outputs=diagnosis.outputs,
        case_result=smallest,
        check=check,
    )


def of_fault(failure: Failure, count: int) -> Finding:
    """Return the finding that a crash, an exception or another fault amounts to.

    One of a backend that was given up is about no case: the one that was drawn then was not asked.
    """
    fault = failure.case_result.fault
    assert fault is not None, failure
    found = Finding(id=_identity(failure.symptom), kind=fault.kind, text=fault.text, count=count)
    if fault.final:
        return found
    case = failure.case_result.case
    text = f"{fault.text}; in the smallest case, {_put_in_words(case)}"
    return replace(found, text=text, case=case, case_result=failure.case_result)


def not_again(output: str, count: int) -> Finding:
    """Return the finding that an output failed `count` times, but not when it was asked again."""
    text = f"{output} failed in {count} cases; those that were kept pass when asked again"
    identity = _identity("not again", output)
    return Finding(id=identity, output=output, kind="nondeterminism", text=text, count=count)


def not_provided(output: str, asked: int, missing: int) -> Finding:
    """Return the finding that an output was asked for and did not come, always or sometimes."""
    text = (
        f"{output} was asked for {asked} times and not provided {missing} times, and nothing is "
        f"known of it there; if it is never provided, give the function an attribute `outputs` "
        f"that leaves it out"
    )
    return _vacuous(text, missing, output)


def could_not_fail(output: str, never: Sequence[str], checks: int) -> Finding:
    """Return the finding that the checks of an output could not have failed.

    Parameters
    ----------
    output, checks
        Which, and how many there were.
    never
        What it never had to do, in words that follow "had to".
    """
    remedy = "draw more cases, or let the backend take more of them"
    if not checks:
        return _vacuous(f"{output} was never judged: {remedy}", 0, output)
    texts = ", nor to ".join(never)
    text = f"in {checks} checks {output} never had to {texts}: they could not have failed; {remedy}"
    return _vacuous(text, checks, output)


def mostly_declined(answered: int, asked: int, reasons: Sequence[str]) -> Finding:
    """Return the finding that a backend answered but few of the cases it was asked."""
    text = (
        f"it answered {answered} of {asked} cases, and nothing is known of the others: "
        f"{'; '.join(reasons)}; a function that takes less says so: batch_norm.ranks, .dtypes"
    )
    return replace(_vacuous(text, asked - answered), id=_identity("mostly declined"))


def not_taken(asked: Sequence[str], taken: Sequence[str]) -> Finding:
    """Return the finding that formats were asked for that a backend does not take."""
    text = (
        f"{', '.join(asked)} was asked for and not checked: it takes {', '.join(taken)}; a "
        f"function that takes more says so: batch_norm.dtypes = {(*taken, *asked)}"
    )
    return replace(_vacuous(text, 0), id=_identity("not taken", *asked))


def not_finished(tests: Sequence[str]) -> Finding:
    """Return the finding that `tests` of a backend, one at least, never came to their end."""
    text = (
        f"{len(tests)} tests were not finished, and nothing is known of what they would have "
        f"judged: {', '.join(tests)}"
    )
    return _vacuous(text, len(tests))


def borrows(module: str) -> Finding:
    """Return the finding that a backend had its work done by `module`, which is bnparity's own."""
    text = (
        f"the backend called {module}: what agrees with the oracle or with another backend because "
        f"it is the same code says nothing"
    )
    return _vacuous(text, 1)


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
        id=_identity("accumulation", *worse),
        output=next(iter(worse)),
        kind="accuracy",
        codes=tuple(f"accumulation={g}" for g in dict.fromkeys(f.grade for f in worse.values())),
        text=f"the attribute accumulation says {declared}, but by how errors grow, {instead}",
        count=max(len(found.points) for found in worse.values()),
        outputs=tuple(worse),
    )


def of_drift(drift: Drift) -> Finding:
    """Return the finding that running statistics drift further than rounding takes them."""
    shares = [f"{name} {drift.statistics[name].share:.3g} times as far" for name in drift.beyond]
    text = (
        f"over {drift.steps} steps from its own state the layer drifts from exact by more than the "
        f"bounds of the steps add up to: {', '.join(shares)}"
    )
    return _of_layer("semantics", text, drift.steps, drift.beyond[0])


def of_layer_error(refused: LayerError) -> Finding:
    """Return the finding that a layer raised something on its way over ordinary steps."""
    kind = refused.type if refused.type in ("crash", "hang") else "error"
    return _of_layer(kind, f"driven step by step, the layer raised {refused}", 1)


def _vacuous(text: str, count: int, output: str = "") -> Finding:
    identity = _identity("vacuous", output)
    return Finding(id=identity, output=output, kind="vacuous", text=text, count=count)


def _of_layer(kind: str, text: str, count: int, output: str = "") -> Finding:
    identity = _identity("drift", kind, output)
    return Finding(id=identity, output=output, kind=kind, text=text, count=count)


def _cause(diagnosis: Diagnosis, dialect: Dialect, dialect_name: str) -> str:
    if not diagnosis.explained:
        return "no change of conventions explains this"
    declared = ", ".join(f"{field}={getattr(dialect, field)}" for field, _ in diagnosis.changes)
    return f"computed with {', '.join(diagnosis.codes)}, but {dialect_name} has {declared}"


def _kind(diagnosis: Diagnosis, check: Check, case: Case) -> str:
    if diagnosis.explained:
        fields = {field for field, _ in diagnosis.changes}
        return "semantics" if fields - OF_ACCURACY else "accuracy"
    # Relative to the terms of the result, not even half arithmetic rounds as coarsely as this.
    relative = check.ratio * format_of(case.dtype).unit
    return "semantics" if relative > format_of("float16").unit else "accuracy"


def _evidence(check: Check, case: Case) -> str:
    where = f"[{', '.join(map(str, check.index))}]"
    allowed = f" (an accurate result is within {check.bound:.2g})" if isfinite(check.bound) else ""
    if check.bound == 0.0:
        allowed = " to the bit: nothing was to move it"
    got, expected = check.texts
    return (
        f"in the smallest case, {_put_in_words(case)}, {check.output}{where} is {got}, "
        f"expected {expected}{allowed}"
    )


def _put_in_words(case: Case) -> str:
    return f"{'training' if case.training else 'inference'} on {list(case.shape)}"


def _identity(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]
