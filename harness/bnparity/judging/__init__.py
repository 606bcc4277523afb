"""The verdict: a case put to a backend, its outputs against the oracle, divided by derived bounds.

May import `cases` and `backends`.
"""

from bnparity.judging.accumulation import GRADES, Accumulation, accumulations, worse_than
from bnparity.judging.bounds import error_bounds
from bnparity.judging.case_result import (
    CaseResult,
    Failure,
    run_case,
    settings_of,
    symptoms,
)
from bnparity.judging.drift import Drift, measure_drift
from bnparity.judging.due import Due, Dues, Remembered, due_of, expected
from bnparity.judging.equal_calls import same_bits
from bnparity.judging.ratio import ratios
from bnparity.judging.shared_calls import SharedAnswers, shared_answers
from bnparity.judging.trajectory import (
    STATISTICS,
    USE_BATCH_STATISTICS,
    Api,
    Trajectory,
    expected_of,
    follow,
    named_alike,
)
from bnparity.judging.vacuity import QUESTIONS, Answers, answers, unanswered
from bnparity.judging.verdicts import (
    TIGHT,
    UNBOUNDED,
    Check,
    apart,
    arithmetic_of,
    by_tight_line,
    half_ulp,
    judge,
    overflow_of,
    ratio_text,
    rounds_once,
)
