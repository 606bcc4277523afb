"""The tables of the hunts say what the hunts took."""

from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.formats import FORMATS
from hunting import tables
from hunting.evaluations import hunted
from hunting.share import SOAK
from planted.catalogue import planted
from planted.kernel import kernel
from right import RIGHT


def row(fault: str, cases: int | None, seconds: float | None = 0.5) -> dict[str, Any]:
    """Return what became of one hunt."""
    return {"fault": fault, "seed": 1, "cases": cases, "seconds": seconds, "codes": []}


def test_the_longest_hunt_for_a_fault_counts() -> None:
    """Of several seeds the worst is shown, and the hardest faults come last."""
    lines = tables.faults([row("hard", 3), row("easy", 2), row("hard", 70, 1.25)])
    assert [line.split() for line in lines[1:3]] == [["easy", "2", "0.50"], ["hard", "70", "1.25"]]


def test_median_and_maximum_are_of_all_hunts() -> None:
    """They are the figures of cases and of seconds, each by itself."""
    lines = tables.faults([row("a", 1, 2.0), row("b", 3, 0.5), row("c", 8, 1.0)])
    assert [line.split() for line in lines[-2:]] == [
        ["median", "3", "1.00"],
        ["maximum", "8", "2.00"],
    ]


def test_fault_that_was_not_found_is_shown_as_such() -> None:
    """It is not left out, and no figure hides it."""
    lines = tables.faults([row("a", 1), row("b", None, None), row("b", 2)])
    assert "not found" in lines[2]
    assert "2 of 3 hunts found their fault." in lines


def test_worst_ratio_is_that_of_every_kernel() -> None:
    """A kernel and a format each add to what is shown."""
    common = {"cases": 10, "findings": 0}
    lines = tables.right(
        [
            {"style": "a", "dtype": "float32", "worst": {"output": 2.0}, **common},
            {"style": "b", "dtype": "float32", "worst": {"output": 3.5}, **common},
            {"style": "b", "dtype": "float64", "worst": {}, **common},
        ]
    )
    assert lines[2].split() == ["output", "3.5", "0"]
    assert lines[-1] == "30 cases over 2 right kernels: 0 false alarms."


def test_first_suspicious_case_is_counted_in() -> None:
    """A fault that every case shows takes one case."""
    ask = in_process(planted("rectified").make())
    hunt, findings = hunted("rectified", ask, seed=1, examples=5)
    assert hunt.cases == 1
    assert hunt.seconds is not None
    assert findings


def test_output_that_never_comes_is_found_without_a_suspicion() -> None:
    """What is missing counts as found: there is no case to shrink."""
    ask = in_process(planted("no-running-variance").make())
    hunt, _ = hunted("no-running-variance", ask, seed=1, examples=5)
    assert hunt.cases is not None


def test_hunt_for_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right kernel is not hunted for ever."""
    monkeypatch.setattr("hunting.evaluations.MOST_ROUNDS", 2)
    hunt, _ = hunted("none", in_process(kernel()), seed=1, examples=5)
    assert (hunt.cases, hunt.seconds) == (None, None)


def test_soak_puts_a_hundred_thousand_cases_to_right_kernels() -> None:
    """What the documents promise of it holds."""
    assert len(RIGHT) * len(FORMATS) * len(SOAK.seeds) * SOAK.right >= 100_000
