"""Progress while a session runs: a bar on a terminal, plain lines otherwise."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bnparity.results import Judgement
from bnparity.sessions import Progress as Told

#: Seconds between two plain lines about the same backend.
INTERVAL = 10.0


@contextmanager
def shown(stream: TextIO) -> Iterator[Told]:
    """Give a callback that shows on `stream` how far a session is."""
    if not stream.isatty():
        yield _plain(stream)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[figures]}")
    console = Console(file=stream)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        tasks = {}

        def tell(judgement: Judgement, done: float) -> None:
            if judgement.name not in tasks:
                tasks[judgement.name] = bars.add_task(judgement.name, total=1.0, figures="")
            bars.update(tasks[judgement.name], completed=done, figures=_figures(judgement))

        yield tell


def _plain(stream: TextIO) -> Told:
    told: dict[str, float] = {}

    def tell(judgement: Judgement, done: float) -> None:
        now = time.monotonic()
        if judgement.name not in told or now - told[judgement.name] > INTERVAL:
            told[judgement.name] = now
            print(f"{judgement.name}: {done:4.0%}  {_figures(judgement)}", file=stream, flush=True)

    return tell


def _figures(judgement: Judgement) -> str:
    outputs = judgement.totals.outputs.values()
    worst = max((figures.worst_ratio for figures in outputs), default=0.0)
    return f"{judgement.totals.cases} cases, worst ratio {worst:.3g}"
