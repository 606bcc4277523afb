"""How far a campaign is: a table on a terminal, plain lines otherwise."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import TextIO, TypeAlias

from bnparity_reference import OUTPUTS
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bnparity.frontends.commands.progress import LINES_INTERVAL, counted, due_every, fitting, to_go
from bnparity.judging import ratio_text
from bnparity.sessions import BLOCK, Overview, Store, Task, overview

#: Seconds between two looks at a campaign's state.
INTERVAL = 1.0

#: A backend of a campaign, how far it is, and how many cases a second it has had since we look.
Row: TypeAlias = tuple[str, Overview, float]


@contextmanager
def campaign_progress(
    store: Store, task: Task, stream: TextIO, *, quiet: bool = False
) -> Iterator[Callable[[], None]]:
    """Give a function that shows on `stream`, when it is time, how far the campaign is."""
    if quiet:
        yield lambda: None
        return
    begin = time.monotonic()
    before = {name: overview(store, name).cases for name in task.backends}

    def rows() -> list[Row]:
        seconds = max(time.monotonic() - begin, 1e-3)
        looks = [(name, overview(store, name), cases) for name, cases in before.items()]
        return [(name, seen, (seen.cases - cases) / seconds) for name, seen, cases in looks]

    def left(looked: Sequence[Row]) -> float:
        return _left_of_campaign(task, looked, time.monotonic() - begin)

    if not stream.isatty():
        yield _at_times(LINES_INTERVAL, lambda: _print(looked := rows(), left(looked), stream))
        return
    console = Console(file=stream)
    with Live(console=console, transient=True, auto_refresh=False) as live:

        def look() -> None:
            looked = rows()
            table = fitting(console, [_table(looked)], [_line(*row) for row in looked])
            live.update(Group(table, Text(to_go(left(looked)))), refresh=True)

        yield _at_times(INTERVAL, look)


def _at_times(seconds: float, show: Callable[[], None]) -> Callable[[], None]:
    due = due_every(seconds)
    return lambda: show() if due("campaign") else None


def _left_of_campaign(task: Task, rows: Sequence[Row], seconds: float) -> float:
    """Return the seconds that a campaign still takes: to its end, or to the last of its cases."""
    until = task.seconds - seconds
    if task.blocks is None:
        return until
    most = task.blocks * BLOCK
    rests = [max(most - seen.cases, 0) / rate if rate else inf for _, seen, rate in rows]
    return min(until, max(rests, default=inf))


def _print(rows: Iterable[Row], left: float, stream: TextIO) -> None:
    for row in rows:
        print(f"{_line(*row)}, {to_go(left)}", file=stream, flush=True)


def _line(name: str, seen: Overview, rate: float) -> str:
    """Return a backend and its figures."""
    worst = ", ".join(f"{o} {ratio_text(seen.worst[o], 2)}" for o in OUTPUTS if o in seen.worst)
    return (
        f"{name}: {seen.cases} cases, {rate:.0f} cases/s, "
        f"{seen.reached:.0%} of the kinds of case, {counted(seen.symptoms, 'failure')}, "
        f"worst ratio {worst or '-'}"
    )


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("backend")
    for title in ("cases", "/s", "kinds_of case", "failures", *OUTPUTS):
        table.add_column(title.replace("_", "\n"), justify="right")
    for name, seen, rate in rows:
        worst = (ratio_text(seen.worst[o], 2) if o in seen.worst else "-" for o in OUTPUTS)
        figures = (f"{seen.cases}", f"{rate:.0f}", f"{seen.reached:.0%}", f"{seen.symptoms}")
        table.add_row(Text(name), *figures, *worst)
    return table
