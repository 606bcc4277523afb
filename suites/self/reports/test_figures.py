import sys
from typing import Any

import pytest
from bnparity.judging import verdicts
from bnparity_reference import OUTPUTS as OUTPUTS_OF_THE_ORACLE
from bnparity_reports.figures import (
    OUTPUTS,
    TIGHT,
    checked,
    counted,
    distinct_names,
    ratio,
    shortened,
    verdict,
)

Document = dict[str, Any]


def test_outputs_are_those_of_the_oracle() -> None:
    """A report has a column for every output that is judged."""
    assert set(OUTPUTS) == set(OUTPUTS_OF_THE_ORACLE)


def test_tight_line_is_the_judges() -> None:
    """The line that a report draws is the one that the judge applied."""
    assert TIGHT == verdicts.TIGHT


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.0, "0"),
        (0.98026, "0.98"),
        (999.4, "999"),
        (14321.0, "1.4e+04"),
        (verdicts.UNBOUNDED, "inf"),
        (10**400, "inf"),
    ],
)
def test_ratio_reads_in_three_digits(value: float | None, shown: str) -> None:
    """A ratio of any size is short, and an unbounded one is infinite."""
    assert ratio(value) == shown


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        ({"pass": 4}, "pass"),
        ({"pass": 3, "loose": 1}, "loose"),
        ({"pass": 2, "loose": 1, "fail": 1}, "fail"),
        ({"pass": 4, "fail": 0}, "pass"),
        ({"pass": 3, "crash": 1}, "fail"),
    ],
)
def test_verdict_is_the_worst_of_its_checks(
    figures: Document, verdicts: dict[str, int], word: str
) -> None:
    """One bad check decides on an output, and so does a verdict that reports do not know."""
    assert verdict({**figures, "verdicts": verdicts}) == word


@pytest.mark.parametrize(("worst", "word"), [(TIGHT, "pass"), (1.01 * TIGHT, "fail")])
def test_verdict_without_counts_takes_nothing_on_trust(
    figures: Document, worst: float, word: str
) -> None:
    """Where verdicts are missing, only what is below the tight line passes."""
    del figures["verdicts"]
    assert verdict({**figures, "worst_ratio": worst}) == word


def test_output_without_checks_is_not_checked(figures: Document) -> None:
    """An output of which nothing was judged has not passed."""
    assert verdict({**figures, "checks": 0, "verdicts": {}}) == verdict(None) == "not checked"


def test_checked_leaves_out_outputs_without_checks(backend: Document, figures: Document) -> None:
    """An output with figures but no check counts as absent."""
    outputs = {"output": figures, "grad_bias": {**figures, "checks": 0}}
    assert list(checked({**backend, "outputs": outputs})) == ["output"]


def test_counted_says_one_case_and_two_cases() -> None:
    """A noun has its plural for every count but 1."""
    counts = [counted(count, "case") for count in (0, 1, 3150)]
    assert counts == ["0 cases", "1 case", "3,150 cases"]


def test_names_lose_their_folders() -> None:
    """A kernel in a file goes by the file's name."""
    assert distinct_names(["torch", "a/k.py:bn"]) == ["torch", "k.py:bn"]


def test_names_keep_folders_that_tell_them_apart() -> None:
    """Two kernels of the same name in two folders do not become one."""
    assert distinct_names(["a/k.py:bn", "b/k.py:bn"]) == ["a/k.py:bn", "b/k.py:bn"]


@pytest.mark.parametrize("length", [1, 72, 73, 10_000])
def test_shortened_fits(length: int) -> None:
    """A text of any length is cut to one that a line has room for."""
    assert len(shortened("x" * length)) <= 75


def test_largest_double_is_what_stands_for_infinity() -> None:
    """The number that reads as infinite is the one that the judge writes."""
    assert sys.float_info.max == verdicts.UNBOUNDED
