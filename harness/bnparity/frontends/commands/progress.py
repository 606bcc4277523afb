"""How far a session is: a table on a terminal, plain lines otherwise."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import TextIO

from rich.console import Console, ConsoleRenderable, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bnparity.judging import ratio_text
from bnparity.results import Judgement
from bnparity.sessions import Along
from bnparity.sessions import Progress as Told

#: Seconds between two plain lines about a backend.
LINES_INTERVAL = 10.0
#: Columns of a bar.
_BAR = 16
#: More than any terminal has, to see what a table would take.
_ALL_COLUMNS = 10_000
#: Seconds of what has an end.
_LONGEST = 365 * 86400.0


@contextmanager
def session_progress(stream: TextIO, *, most: float = inf, quiet: bool = False) -> Iterator[Told]:
    """Give a callback that shows on `stream` how far a session is, unless it is to be `quiet`.

    The session ends after `most` seconds.
    """
    if quiet:
        yield lambda *_: None
        return
    if not stream.isatty():
        yield _lines(stream)
        return
    seen: dict[str, tuple[Judgement, Along]] = {}
    begin, console = time.monotonic(), Console(file=stream)

    def tell(judgement: Judgement, along: Along) -> None:
        seen[judgement.name] = judgement, along

    def shown() -> Group:
        tables = (_of_session(seen.values(), bars=bars) for bars in (True, False))
        table = fitting(console, tables, [_line(*each) for each in seen.values()])
        seconds = time.monotonic() - begin
        left = min(_left(seen.values(), seconds), most - seconds)
        return Group(table, Text(to_go(left)))

    with Live(console=console, transient=True, get_renderable=shown):
        yield tell


def due_every(seconds: float) -> Callable[[str], bool]:
    """Return what says whether a thing is due that was last so long ago, or never."""
    last: dict[str, float] = {}

    def due(thing: str) -> bool:
        now = time.monotonic()
        if now - last.get(thing, -inf) < seconds:
            return False
        last[thing] = now
        return True

    return due


def _lines(stream: TextIO) -> Told:
    due = due_every(LINES_INTERVAL)

    def tell(judgement: Judgement, along: Along) -> None:
        # That it is opened, a log need not say; how it ends, the verdict says.
        if 0 < along.done < 1 and due(judgement.name):
            line = f"{_line(judgement, along)}, {to_go(_left_of(along))}"
            print(line, file=stream, flush=True)

    return tell


def _line(judgement: Judgement, along: Along) -> str:
    """Return a backend, how far it is and its figures."""
    if not along.done:
        return f"{judgement.name}: opening"
    cases, rate, worst = _figures(judgement, along)
    return (
        f"{judgement.name}: {along.done:4.0%}  {counted(cases, 'case')}, {rate} cases/s, "
        f"worst ratio {worst}, {counted(along.failures, 'failure')}"
    )


def fitting(console: Console, tables: Iterable[Table], lines: Sequence[str]) -> ConsoleRenderable:
    """Return the first of the `tables` that a terminal has room for, or `lines` in their place."""
    unlimited = console.options.update_width(_ALL_COLUMNS)
    for table in tables:
        if console.measure(table, options=unlimited).maximum <= console.width:
            return table
    return Group(*map(Text, lines))


def _figures(judgement: Judgement, along: Along) -> tuple[int, str, str]:
    """Return cases, cases a second and the worst ratio."""
    cases = judgement.totals.cases
    worst = max((f.worst_ratio for f in judgement.totals.outputs.values()), default=0.0)
    return cases, f"{cases / max(along.seconds, 1e-3):.0f}", ratio_text(worst)


def _of_session(seen: Iterable[tuple[Judgement, Along]], *, bars: bool) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("backend")
    for title in ("cases", "/s", "worst ratio", "failures"):
        table.add_column(title, justify="right")
    if bars:
        table.add_column("")
    for judgement, along in seen:
        known = (*map(str, _figures(judgement, along)), f"{along.failures}")
        figures = known if along.done else ("opening", "", "", "")
        bar = [ProgressBar(total=1.0, completed=along.done, width=_BAR)] if bars else []
        table.add_row(Text(judgement.name), *figures, *bar)
    return table


def _left_of(along: Along) -> float:
    """Return the seconds that a backend still takes, if it goes on as it has begun."""
    return along.seconds * (1 - along.done) / along.done if along.done else inf


def _left(seen: Iterable[tuple[Judgement, Along]], seconds: float) -> float:
    """Return the seconds that a session still takes, if it goes on as it has for `seconds`."""
    shares = [along.done for _, along in seen]
    done = sum(shares)
    return seconds * (len(shares) - done) / done if done else inf


def to_go(seconds: float) -> str:
    """Return how long it still takes, in words."""
    if seconds > _LONGEST:
        return "no end in sight"
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"about {clock} to go"


def counted(count: int, what: str) -> str:
    """Return so many of `what` in words."""
    return f"{count} {what}{'' if count == 1 else 's'}"
