"""bnparity beside tolerances, on the same good and wrong results, in one run.

What is good and what is wrong is told in `good_and_wrong`; the table is shown at the end. What is
asserted holds with room to spare for other seeds; the numbers themselves are in the table.
"""

import numpy as np
import pytest
from bench.comparison import Count, by_fault, by_verdict, compared, table
from bench.good_and_wrong import WRONG, Result, clearly_wrong, drawn, good_and_wrong, in_turn
from bench.policies import FEW, TOLERANCES, loosened_name
from bnparity.cases.case import Case
from planted.kernel import kernel

#: Cases drawn, and how many of the faults each is put to, in turn: every fault gets as many cases.
EXAMPLES = 250
FAULTS_EACH = 24

each_other = pytest.mark.parametrize("other", TOLERANCES)


@pytest.fixture(scope="module")
def counts(shown: dict[str, list[str]]) -> dict[str, Count]:
    """Return what each policy is mistaken on; the table is made from the same."""
    compared_counts = compared(*good_and_wrong(drawn(EXAMPLES, seed=1), each=FAULTS_EACH))
    ours = compared_counts["bnparity"]
    lines = [*table(compared_counts), "", by_verdict(ours), *by_fault(ours)]
    shown["policies on the same results"] = lines
    return compared_counts


def test_there_are_thousands_of_results(counts: dict[str, Count]) -> None:
    """Shares of few results would say little."""
    assert min(len(counts["bnparity"].good), len(counts["bnparity"].wrong)) >= 1500


def test_most_faults_have_wrong_results(counts: dict[str, Count]) -> None:
    """The wrong results are not those of a few faults alone."""
    assert len({result.kernel for result in counts["bnparity"].wrong}) >= 0.8 * len(WRONG)


def test_every_fault_has_its_turn() -> None:
    """Faults are dealt out evenly, however many there are for each case."""
    turns = in_turn(("a", "b", "c"), 2)
    assert [next(turns) for _ in range(3)] == [("a", "b"), ("c", "a"), ("b", "c")]


def test_kernel_without_a_fault_has_no_wrong_results() -> None:
    """What is wrong is so by the fault alone: the textbook in its place is never clearly wrong."""
    assert good_and_wrong(drawn(60, seed=2), faults={"none": kernel})[1] == ()


@pytest.mark.parametrize("got", [np.nan, np.inf, 1.0 + 2.0**-18])
def test_what_is_far_off_is_wrong(got: float) -> None:
    """Numbers by many times the right error; what is no number, always."""
    result = Result(
        kernel="",
        case=Case(),
        output="output",
        got=np.array([got], np.float32),
        exact=np.ones(1),
        verdict="pass",
        ratio=0.0,
    )
    assert clearly_wrong([result], {"output": 2.0**-23}) != []
    assert clearly_wrong([result], {}) == []


def test_bnparity_accuses_no_good_result(counts: dict[str, Count]) -> None:
    """It has no false alarms."""
    assert counts["bnparity"].accused == ()


@each_other
def test_other_policy_accuses_good_results(counts: dict[str, Count], other: str) -> None:
    """No tolerance is as quiet: each accuses three good results in a hundred, or more."""
    assert counts[other].false_alarms >= 0.03


@each_other
def test_tolerance_with_few_false_alarms_misses_more(counts: dict[str, Count], other: str) -> None:
    """Loosened to one false alarm in a hundred, a tolerance misses over three times as much."""
    assert counts[loosened_name(other)].false_alarms <= FEW
    assert counts[loosened_name(other)].misses > 3 * counts["bnparity"].misses


@each_other
def test_other_policy_is_mistaken_more_often(counts: dict[str, Count], other: str) -> None:
    """The shares of false alarms and misses add up to the least for bnparity."""
    ours, theirs = counts["bnparity"], counts[other]
    assert ours.false_alarms + ours.misses < theirs.false_alarms + theirs.misses
