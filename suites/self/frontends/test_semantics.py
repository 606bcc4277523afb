"""The conventions of a backend as a terminal shows them."""

import sys

import pytest
from bnparity.diagnosis import Measured
from bnparity.frontends.commands.session import table
from bnparity.results import Judgement

ROW = Measured(
    field="running_variance",
    declared="unbiased",
    value="biased",
    outputs=("running_var",),
    certain=True,
)


def told() -> list[str]:
    """Return the lines that tell one convention of a backend."""
    judgement = Judgement(
        name="mine", version="1", dialect="torch", interpreter="python", conventions=(ROW,)
    )
    return table([judgement]).splitlines()


def test_narrow_terminal_is_told_a_convention_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the table has no room, each row is a sentence that ends between words."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert told()[:4] == [
        "mine 1 declares the dialect torch; 0",
        "    cases",
        "! running_variance: declared unbiased,",
        "    measured biased in running_var",
    ]


def test_wide_terminal_has_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a heading, and a column for each."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert told()[1:3] == [
        "  convention        declared  measured",
        "! running_variance  unbiased  biased in running_var",
    ]
