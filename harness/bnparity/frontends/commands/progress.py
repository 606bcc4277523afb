"""How far a session or a campaign is: bars or a table on a terminal, plain lines otherwise."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import TextIO, TypeAlias

from bnparity_reference import OUTPUTS
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bnparity.judging import ratio_text
from bnparity.results import Judgement
from bnparity.sessions import Overview, Store, overview
from bnparity.sessions import Progress as Told

#: Seconds between two looks at a campaign's state, and between two plain lines about a backend.
INTERVAL, LINES_INTERVAL = 1.0, 10.0
#: Columns of a terminal in which there is room for bars beside names and figures.
_ROOM_FOR_BARS = 80

#: A backend of a campaign, how far it is, and how many cases a second it has had since we look.
Row: TypeAlias = tuple[str, Overview, float]


@contextmanager
def session_progress(stream: TextIO, *, quiet: bool = False) -> Iterator[Told]:
    """Give a callback that shows on `stream` how far a session is, unless it is to be `quiet`."""
    if quiet:
        yield lambda *_: None
        return
    if not stream.isatty():
        yield _lines(stream)
        return
    console = Console(file=stream)
    name, figures = TextColumn("{task.description}"), TextColumn("{task.fields[figures]}")
    columns = (name, figures) if console.width < _ROOM_FOR_BARS else (name, BarColumn(), figures)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        tasks = {}

        def tell(judgement: Judgement, done: float) -> None:
            if judgement.name not in tasks:
                tasks[judgement.name] = bars.add_task(judgement.name, total=1.0, figures="")
            bars.update(tasks[judgement.name], completed=done, figures=_figures(judgement))

        yield tell


@contextmanager
def campaign_progress(
    store: Store, backends: Sequence[str], stream: TextIO, *, quiet: bool = False
) -> Iterator[Callable[[], None]]:
    """Give a function that shows on `stream`, when it is time, how far the campaign is."""
    if quiet:
        yield lambda: None
        return
    begin, before = time.monotonic(), {name: overview(store, name).cases for name in backends}

    def rows() -> Iterator[Row]:
        seconds = max(time.monotonic() - begin, 1e-3)
        for name, cases in before.items():
            seen = overview(store, name)
            yield name, seen, (seen.cases - cases) / seconds

    if not stream.isatty():
        yield _at_times(LINES_INTERVAL, lambda: _print(rows(), stream))
        return
    with Live(console=Console(file=stream), transient=True, auto_refresh=False) as live:
        yield _at_times(INTERVAL, lambda: live.update(_table(rows()), refresh=True))


def _at_times(seconds: float, show: Callable[[], None]) -> Callable[[], None]:
    due = _due_every(seconds)
    return lambda: show() if due("campaign") else None


def _due_every(seconds: float) -> Callable[[str], bool]:
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
    due = _due_every(LINES_INTERVAL)

    def tell(judgement: Judgement, done: float) -> None:
        if done and due(judgement.name):  # that it is opened, a log need not say
            print(f"{judgement.name}: {done:4.0%}  {_figures(judgement)}", file=stream, flush=True)

    return tell


def _figures(judgement: Judgement) -> str:
    outputs = judgement.totals.outputs.values()
    if not outputs and not judgement.totals.cases:
        return "opening"
    worst = max((figures.worst_ratio for figures in outputs), default=0.0)
    return f"{judgement.totals.cases} cases, worst ratio {ratio_text(worst)}"


def _print(rows: Iterable[Row], stream: TextIO) -> None:
    for name, seen, rate in rows:
        worst = ", ".join(f"{o} {ratio_text(seen.worst[o], 2)}" for o in OUTPUTS if o in seen.worst)
        print(
            f"{name}: {seen.cases} cases, {rate:.0f} cases/s, "
            f"{seen.reached:.0%} of the kinds of case, {_failures(seen.symptoms)}, "
            f"worst ratio {worst or '-'}",
            file=stream,
            flush=True,
        )


def _failures(count: int) -> str:
    return f"{count} failure{'' if count == 1 else 's'}"


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=None, pad_edge=False)  # narrow enough for 80 columns
    table.add_column("backend", overflow="fold")
    for title in ("cases", "/s", "kinds_of case", "failures", *OUTPUTS):
        table.add_column(title.replace("_", "\n"), justify="right", overflow="fold")
    for name, seen, rate in rows:
        worst = (ratio_text(seen.worst[o], 2) if o in seen.worst else "-" for o in OUTPUTS)
        figures = (f"{seen.cases}", f"{rate:.0f}", f"{seen.reached:.0%}", f"{seen.symptoms}")
        table.add_row(Text(name), *figures, *worst)
    return table
