"""What failing cases have in common is told where it is certain, and nowhere else."""

from dataclasses import replace

from bnparity.backends.call import in_process
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.verdicts import Check
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.sessions.tally import FEWEST, Tally

RIGHT = run_case(in_process(batch_norm), Case(), declaration("torch").dialect)


def added(tally: Tally, case: Case, *, fails: bool, ratio: float = 9.0) -> None:
    """Add a case whose output fails, or not."""
    check: Check = replace(RIGHT.checks[0], verdict="fail" if fails else "pass", ratio=ratio)
    result: CaseResult = replace(RIGHT, case=case, checks=(check,))
    tally.add(result, (check.output,) if fails else ())


def filled(failing: int, passing: int) -> Tally:
    """Return the tally of cases that fail where momentum is None."""
    tally = Tally()
    for _ in range(failing):
        added(tally, Case(momentum=None), fails=True)
    for _ in range(passing):
        added(tally, Case(), fails=False)
    return tally


def test_setting_of_every_failure_and_no_other_case_is_shared() -> None:
    """It is named."""
    assert filled(FEWEST, FEWEST).shared("output") == "momentum=None in training"


def test_few_cases_share_nothing_for_certain() -> None:
    """Neither few failures nor few passes are enough."""
    assert filled(FEWEST - 1, 50).shared("output") is None
    assert filled(50, FEWEST - 1).shared("output") is None


def test_one_case_that_passes_refutes_it() -> None:
    """What a passing case has too is not what they share."""
    tally = filled(50, 50)
    added(tally, Case(momentum=None), fails=False)
    assert tally.shared("output") is None


def test_one_failure_without_it_refutes_it() -> None:
    """What a failing case lacks is not what they share."""
    tally = filled(50, 50)
    added(tally, Case(), fails=True)
    assert tally.shared("output") is None


def test_worst_failure_is_kept() -> None:
    """Of all cases that fail, the one with the largest ratio; none that passes."""
    tally = Tally()
    for eps, ratio, fails in ((0.1, 5.0, True), (0.2, 7.0, True), (0.3, 99.0, False)):
        added(tally, Case(eps=eps), fails=fails, ratio=ratio)
    worst = tally.worst_of("output", lambda _: True)
    assert worst is not None
    assert (worst.ratio, worst.case.eps) == (7.0, 0.2)
    assert tally.worst_of("output", lambda _: False) is None
