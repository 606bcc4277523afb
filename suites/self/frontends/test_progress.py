"""How far a session is, as lines and as a terminal tell it."""

import io
import sys

import pytest
from bnparity.backends.names import parse
from bnparity.frontends.commands import progress, session
from bnparity.frontends.commands.making_progress import making_progress
from bnparity.frontends.commands.progress import session_progress
from bnparity.frontends.commands.telling import BRIEF, USUAL
from bnparity.judging import UNBOUNDED
from bnparity.results import Figures, Judgement
from bnparity.sessions import Along, Plan


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def shown(stream: io.StringIO, judgement: Judgement, along: Along) -> str:
    """Return what `stream` is told of a judgement."""
    with session_progress(stream) as tell:
        tell(judgement, along)
    return stream.getvalue()


def test_infinite_ratio_is_told_as_in_the_table() -> None:
    """The largest double stands for it, and is no number to show."""
    judgement = Judgement(name="kernel", interpreter="")
    judgement.totals.outputs["output"] = Figures(worst_ratio=UNBOUNDED)
    judgement.totals.cases = 120
    told = shown(io.StringIO(), judgement, Along(done=0.25, seconds=40.0, failures=1))
    assert told == (
        "kernel:  25%  120 cases, 3 cases/s, worst ratio inf, 1 failure, about 2:00 to go\n"
    )


def test_what_is_opened_is_told_on_a_terminal_alone() -> None:
    """Who waits for an import sees whose it is; a log has no line of nothing."""
    judgement = Judgement(name="torch", interpreter="")
    assert "opening" in shown(Terminal(), judgement, Along())
    assert shown(io.StringIO(), judgement, Along()) == ""


@pytest.mark.parametrize(("columns", "bars"), [(60, False), (80, True), (140, True)])
def test_each_backend_has_one_line_on_a_terminal(
    columns: int, *, bars: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its figures in full; a narrow one has no room for bars."""
    monkeypatch.setenv("COLUMNS", str(columns))
    judgement = Judgement(name="mindspore[graph]", interpreter="")
    judgement.totals.outputs["output"] = Figures(worst_ratio=1.23e7)
    judgement.totals.cases = 123456
    told = shown(Terminal(), judgement, Along(done=0.5, seconds=100.0, failures=12))
    line = next(line for line in told.splitlines() if "mindspore[graph]" in line)
    assert [part for part in ("123456", "1235", "1.23e+07", "12") if part not in line] == []
    assert ("━" in line) is bars


def test_name_without_room_for_a_table_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A narrow terminal is told in a line what a table would say."""
    monkeypatch.setenv("COLUMNS", "40")
    judgement = Judgement(name="my_kernels.py:batch_norm", interpreter="")
    judgement.totals.cases = 60
    told = shown(Terminal(), judgement, Along(done=0.5, seconds=2.0))
    assert "my_kernels.py:batch_norm:  50%  60 " in told
    assert "worst ratio" in " ".join(told.split())


def test_terminal_says_how_long_a_session_still_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what all backends together have done; those that are not begun count too."""
    times = iter([100.0, *[130.0] * 50])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    with session_progress(stream := Terminal()) as tell:
        tell(Judgement(name="numpy", interpreter=""), Along(done=0.5, seconds=30.0))
        tell(Judgement(name="torch", interpreter=""), Along())
    assert "about 1:30 to go" in stream.getvalue()


def test_first_line_says_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is imported, with how long it takes; not where little is to be printed."""
    plan, names = Plan(examples=7), [parse("numpy"), parse("torch")]
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    session._announce(names, plan, BRIEF)
    session._announce(names, plan, USUAL)
    assert stream.getvalue() == (
        "asking numpy, torch: 7 cases each; Ctrl-C shows what is known so far\n"
    )


def test_installer_is_told_in_one_line_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much it says; nothing of it is left in the end."""
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    with making_progress("mlx", terminal) as tell:
        tell("Downloading a wheel of a name that no terminal has the room for (300 MB)")
    lines = terminal.getvalue().splitlines()
    assert any("mlx: 0 s  Downloading a wheel of a name" in line for line in lines)
    assert not any("300 MB" in line for line in lines)


def test_installer_is_told_in_plain_lines_now_and_then() -> None:
    """In a log: what is at hand at first, and not each time that something is told."""
    log = io.StringIO()
    with making_progress("mlx", log) as tell:
        for number in range(3):
            tell(f"Collecting package {number}")
    assert log.getvalue() == "mlx: 0 s  Collecting package 0\n"
