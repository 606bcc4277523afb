"""What is wrong with a case result, in words that are the same for every case that fails alike."""

import re
from dataclasses import dataclass

from bnparity.judging.case_result import CaseResult


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A symptom, and the smallest case found that shows it."""

    symptom: str
    case_result: CaseResult


def symptoms(case_result: CaseResult) -> tuple[str, ...]:
    """Return what is wrong with a case result: the outputs that failed, or the fault."""
    fault = case_result.fault
    if fault is None:
        return case_result.failed
    if fault.kind == "unsupported":
        return ()
    # One fault whatever the numbers in its message: shapes differ from case to case.
    text = re.sub(r"0x[0-9a-f]+|[0-9]+(, [0-9]+)*,?", "#", fault.text)
    return (f"{fault.kind}: {text}",)
