"""Which failures are one: faults of the same place, and answers that vary from call to call."""

from collections.abc import Callable, Iterable, Sequence

from bnparity.cases import Case
from bnparity.judging import CaseResult, Failure, apart
from bnparity.results import Finding

#: How often a failing case is asked again, each time after another one.
TIMES = 3


def asked_again(
    put: Callable[[Case], CaseResult], failed: CaseResult, output: str, between: Sequence[Case]
) -> tuple[str, str] | None:
    """Return what the deciding element of `output` was, and what it is now; None if that is so.

    The case is `put` to the backend a few times, after cases from `between`: memory that nobody
    has written to holds what another call left. A difference that rounding explains is none.
    """
    check = next(check for check in failed.checks if check.output == output)
    for place in range(TIMES):
        if between:
            put(between[place % len(between)])
        again = put(failed.case)
        if again.fault is not None or output not in again.outputs:
            return None
        got = float(again.outputs[output][check.index])
        if check.is_beyond(got):
            return apart(check.got, got)
    return None


def faults_alike(failures: Iterable[Failure]) -> list[list[Failure]]:
    """Return the faults among `failures`, those together that are one exception at one place."""
    groups: dict[tuple[str, ...], list[Failure]] = {}
    for failure in sorted(failures, key=lambda failure: failure.symptom):
        fault = failure.case_result.fault
        if fault is not None:
            raised = (fault.kind, fault.text.partition(":")[0], fault.place)
            groups.setdefault(raised if fault.place else (failure.symptom,), []).append(failure)
    return list(groups.values())


def untold(findings: Sequence[Finding], faults: Sequence[Finding]) -> list[Finding]:
    """Return `findings` without those that a fault tells already: an output that varies."""
    varying = [fault.text.split()[0] for fault in faults if fault.kind == "nondeterminism"]
    return [f for f in findings if f.kind != "nondeterminism" or f.output not in varying]
