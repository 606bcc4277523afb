"""What failures say of numbers is read once, by the dialect that is asked about."""

from dataclasses import replace

from bnparity.backends.call import in_process
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.readings import Readings
from bnparity.judging.case_result import run_case
from planted.catalogue import planted

TORCH = declaration("torch").dialect
CASE = Case(shape=(9, 2), eps=0.1, dtype="float64", param_dtype="float64")
FAILURE = run_case(in_process(planted("eps-hard-coded").make()), CASE, TORCH)


def test_failure_is_read_once() -> None:
    """A second search gets what the first was told."""
    readings = Readings(dialect=TORCH)
    assert readings.of([FAILURE])[0] is readings.of([FAILURE])[0]


def test_another_dialect_reads_anew() -> None:
    """By the biased variance a constant eps is read as it is, by the unbiased one as less."""
    unbiased = replace(TORCH, normalizing_variance="unbiased")
    eps = [Readings(dialect=d).of([FAILURE])[0].epsilons[0][0] for d in (TORCH, unbiased)]
    assert abs(eps[0].value - 1e-5) <= eps[0].uncertainty
    assert eps[1].value < 0.0
