"""`bnparity dialects`: the table of frameworks, and one of them."""

from datetime import date

import pytest
from bnparity.cases.frameworks import FRAMEWORKS
from bnparity.cli import run_command


def test_table_has_a_line_for_each_framework(capsys: pytest.CaptureFixture[str]) -> None:
    """All that can be declared by name is in it."""
    assert run_command(["dialects"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1 : len(FRAMEWORKS) + 1]] == list(FRAMEWORKS)


def test_one_is_told_with_all_its_conventions(capsys: pytest.CaptureFixture[str]) -> None:
    """What differs from PyTorch is marked, and what is stated counts."""
    assert run_command(["dialects", "keras,running_variance=unbiased"]) == 0
    lines = capsys.readouterr().out.splitlines()
    marked = {line.split()[1]: line.split()[2] for line in lines if line.startswith("! ")}
    assert marked["momentum"] == "old"
    assert "running_variance" not in marked


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_one_says_on_which_day_it_was_checked(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Frameworks move: whoever reads the table can tell how old a row is."""
    assert run_command(["dialects", name]) == 0
    (line,) = (x for x in capsys.readouterr().out.splitlines() if x.startswith("checked: "))
    assert date.fromisoformat(line.rpartition(" on ")[2]) >= date(2026, 1, 1)


def test_unknown_one_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With what was probably meant."""
    assert run_command(["dialects", "kears"]) == 2
    assert "did you mean keras" in capsys.readouterr().err
