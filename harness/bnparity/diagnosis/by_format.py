"""A diagnosis for each pair of formats: half data may go another way than single ones."""

from dataclasses import replace

from bnparity_reference import Dialect

from bnparity.cases import Case
from bnparity.diagnosis.search import Diagnosis, Evidence, Plain, diagnose


def formats_of(case: Case) -> tuple[str, str]:
    """Return the formats of data and parameters."""
    return case.dtype, case.param_dtype


def concerns(diagnosis: Diagnosis, case: Case) -> bool:
    """Return whether `diagnosis` is about cases of these formats."""
    return diagnosis.formats in (None, formats_of(case))


def diagnose_by_format(evidence: Evidence, dialect: Dialect, plain: Plain) -> tuple[Diagnosis, ...]:
    """Return diagnoses as `diagnose` does, of each pair of formats by itself where that tells more.

    It does where something remains unexplained, and is explained for one of several pairs.
    """
    whole = diagnose(evidence, dialect, plain)
    pairs = dict.fromkeys(formats_of(case_result.case) for case_result in evidence)
    if len(pairs) < 2 or all(diagnosis.explained for diagnosis in whole):
        return whole

    def diagnosed(pair: tuple[str, str]) -> tuple[Diagnosis, ...]:
        def own(case_results: Evidence) -> Evidence:
            return [e for e in case_results if formats_of(e.case) == pair]

        return diagnose(own(evidence), dialect, lambda: own(plain()))

    parts = [replace(found, formats=pair) for pair in pairs for found in diagnosed(pair)]
    told = {code for diagnosis in whole for code in diagnosis.codes}
    more = {code for diagnosis in parts for code in diagnosis.codes} - told
    return tuple(parts) if more else whole
