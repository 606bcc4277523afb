"""What is counted does not grow with what backends say."""

from bnparity.backends import Fault
from bnparity.cases import Case, make_inputs
from bnparity.judging import CaseResult
from bnparity.results import Totals


def test_reasons_without_end_are_counted_together() -> None:
    """Each refusal has words of its own: some are told apart, and none is lost."""
    totals, case = Totals(), Case(shape=(2, 1))
    for number in range(1000):
        fault = Fault(kind="unsupported", text=f"reason {number}")
        totals.add(
            CaseResult(
                case=case, inputs=make_inputs(case), outputs={}, checks=(), fault=fault, asked=()
            )
        )
    assert len(totals.unsupported) < 100
    assert totals.unsupported.total() == 1000
