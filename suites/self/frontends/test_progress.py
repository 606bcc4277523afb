"""How far a session is, as lines and as a terminal tell it."""

import io
import sys

import pytest
from bnparity.backends.names import parse
from bnparity.frontends.commands import session
from bnparity.frontends.commands.progress import session_progress
from bnparity.frontends.commands.telling import BRIEF, USUAL
from bnparity.judging import UNBOUNDED
from bnparity.results import Figures, Judgement
from bnparity.sessions import Plan


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def shown(stream: io.StringIO, judgement: Judgement, done: float) -> str:
    """Return what `stream` is told of a judgement."""
    with session_progress(stream) as tell:
        tell(judgement, done)
    return stream.getvalue()


def test_infinite_ratio_is_told_as_in_the_table() -> None:
    """The largest double stands for it, and is no number to show."""
    judgement = Judgement(name="kernel", interpreter="")
    judgement.totals.outputs["output"] = Figures(worst_ratio=UNBOUNDED)
    told = shown(io.StringIO(), judgement, 0.5)
    assert told == "kernel:  50%  0 cases, worst ratio inf\n"


def test_what_is_opened_is_told_on_a_terminal_alone() -> None:
    """Who waits for an import sees whose it is; a log has no line of nothing."""
    judgement = Judgement(name="torch", interpreter="")
    assert "opening" in shown(Terminal(), judgement, 0.0)
    assert shown(io.StringIO(), judgement, 0.0) == ""


@pytest.mark.parametrize(("columns", "bars"), [(60, False), (80, True)])
def test_narrow_terminal_has_no_bars(
    columns: int, *, bars: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names and figures need the room."""
    monkeypatch.setenv("COLUMNS", str(columns))
    told = shown(Terminal(), Judgement(name="kernel", interpreter=""), 0.5)
    assert "opening" in told
    assert ("━" in told) is bars


def test_first_line_says_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is imported, with how long it takes; not where little is to be printed."""
    plan, names = Plan(examples=7), [parse("numpy"), parse("torch")]
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    session._announce(names, plan, BRIEF)
    session._announce(names, plan, USUAL)
    assert stream.getvalue() == (
        "asking numpy, torch: 7 cases each; Ctrl-C shows what is known so far\n"
    )
