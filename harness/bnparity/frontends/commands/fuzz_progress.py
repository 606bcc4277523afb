"""How far a campaign is, while it runs: a table on a terminal, plain lines otherwise."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from bnparity_reference import OUTPUTS
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bnparity.backends import Capabilities
from bnparity.cases import declaration
from bnparity.sessions import Overview, Store, least_values, overview, places

#: Seconds between two looks at the state, and between two plain lines about a backend.
INTERVAL, LINES_INTERVAL = 1.0, 10.0


class Rates:
    """What each backend has come to, and how fast since this session began."""

    def __init__(self, store: Store, backends: Sequence[str]) -> None:
        self._store, self._begin = store, time.monotonic()
        self._before = {name: overview(store, name).cases for name in backends}
        self._places = {name: _places(store, name) for name in backends}

    def rows(self) -> Iterator[tuple[str, Overview, float, float]]:
        """Yield backend, overview, cases a second, and the share of all places reached."""
        seconds = max(time.monotonic() - self._begin, 1e-3)
        for name, before in self._before.items():
            seen = overview(self._store, name)
            rate = (seen.cases - before) / seconds
            yield name, seen, rate, seen.places / self._places[name]


@contextmanager
def shown(store: Store, backends: Sequence[str], stream: TextIO) -> Iterator[Callable[[], None]]:
    """Give a function that shows on `stream`, when it is time, how far the campaign is."""
    rates = Rates(store, backends)
    if not stream.isatty():
        yield _at_times(LINES_INTERVAL, lambda: _print(rates, stream))
        return
    with Live(console=Console(file=stream), transient=True, auto_refresh=False) as live:
        yield _at_times(INTERVAL, lambda: live.update(_table(rates), refresh=True))


def _at_times(interval: float, show: Callable[[], None]) -> Callable[[], None]:
    last = -interval

    def look() -> None:
        nonlocal last
        if time.monotonic() - last >= interval:
            last = time.monotonic()
            show()

    return look


def _print(rates: Rates, stream: TextIO) -> None:
    for name, seen, rate, reached in rates.rows():
        worst = ", ".join(f"{o} {seen.worst[o]:.2g}" for o in OUTPUTS if o in seen.worst)
        print(
            f"{name}: {seen.cases} cases, {rate:.0f} cases/s, {reached:.0%} of the space, "
            f"{seen.symptoms} symptoms, worst ratio {worst or '-'}",
            file=stream,
            flush=True,
        )


def _table(rates: Rates) -> Table:
    table = Table(box=None, pad_edge=False)  # narrow enough for 80 columns
    table.add_column("backend", overflow="fold")
    for title in ("cases", "/s", "space", "sus-\npects", *OUTPUTS):
        table.add_column(title.replace("_", "\n"), justify="right", overflow="fold")
    for name, seen, rate, reached in rates.rows():
        worst = (f"{seen.worst[o]:.2g}" if o in seen.worst else "-" for o in OUTPUTS)
        figures = (f"{seen.cases}", f"{rate:.0f}", f"{reached:.0%}", f"{seen.symptoms}")
        table.add_row(Text(name), *figures, *worst)
    return table


def _places(store: Store, backend: str) -> int:
    facts = store.facts(backend)
    said = facts["capabilities"]
    return places(
        declaration(facts["dialect"]),
        dtypes=facts["dtypes"],
        ranks=said["ranks"],
        min_values=least_values(Capabilities(degenerate=said["degenerate"])),
    )
