"""Every backend that is available judged, as many at a time as there are cores: `make zoo`.

Each is a row, judged in processes of its own, those first that took longest before. Its results
stay in a folder, so that what was interrupted goes on: a row of the installed version that was
asked as many cases is not judged again. One that cannot be judged stops no other.
"""

import asyncio
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bnparity.backends import UsageError, listed, made_environments, opened, parse
from bnparity.frontends.zoo_row import EXAMPLES, MINUTES, Row, judged, kept_row, read_whole
from bnparity.results import dump, write


def main() -> None:
    """Judge what is available into the folder that is named, and write the file of all of it."""
    folder, table = map(Path, sys.argv[1:])
    try:
        wrong = asyncio.run(_zoo(folder, table))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped: the same command goes on where this one was", file=sys.stderr)
        sys.exit(130)
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


async def _zoo(folder: Path, table: Path) -> list[str]:
    """Judge all, write the file of it, and return a line for each that could not be judged."""
    this = asyncio.current_task()
    if this is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    begin = time.monotonic()
    slots = asyncio.Semaphore(os.cpu_count() or 1)
    rows = slowest_first(await available(slots), _seconds(table))
    wanted = [row for row in rows if kept_row(row, folder) is None]
    print(f"{len(rows)} rows, {len(rows) - len(wanted)} of them judged before", flush=True)
    wrong = await judge_rows(wanted, folder, slots)
    found = _gathered(folder)
    asked = {"examples": EXAMPLES, "minutes": MINUTES}
    write(table, dump({"schema": "bnparity-zoo/1", **asked, "backends": found}))
    print(f"{len(found)} rows in {table} after {time.monotonic() - begin:.0f} s", flush=True)
    return wrong


async def judge_rows(rows: Sequence[Row], folder: Path, slots: asyncio.Semaphore) -> list[str]:
    """Judge the rows, say how each ended, and return what is to be said of those that cannot be."""
    ended, wrong = 0, list[str]()

    async def one(row: Row) -> None:
        nonlocal ended
        async with slots:
            begin = time.monotonic()
            try:
                found = await judged(row, folder)
                told = f"{row.version}: {found['status']}, {found['cases']} cases"
            except UsageError as error:
                told = f"{row.version}: not judged"
                wrong.append(f"{row.name} could not be judged: {error}")
            ended += 1
            seconds = time.monotonic() - begin
            print(f"{ended}/{len(rows)} {row.name} {told}, {seconds:.0f} s", flush=True)

    async with asyncio.TaskGroup() as group:
        for row in rows:
            group.create_task(one(row))
    return wrong


async def available(slots: asyncio.Semaphore) -> list[Row]:
    """Return the rows: what can be asked, with variants and versions; say why others cannot."""
    versions = [name for name in made_environments() if "==" in name]

    async def of(text: str) -> list[Row]:
        async with slots:
            return await asyncio.to_thread(lambda: list(_rows(text)))

    found = await asyncio.gather(*map(of, (*listed(), *versions)))
    return [row for rows in found for row in rows]


def _rows(text: str) -> Iterator[Row]:
    """Yield a backend and its variants; of one that cannot be asked, say why."""
    try:
        with opened(parse(text)) as backend:
            reason = backend.reason if backend.ask is None else ""
    except UsageError as error:  # of a distribution that names what is no backend
        reason = str(error)
    if reason:
        print(f"{text} has no row: {reason}", file=sys.stderr, flush=True)
        return
    for name in (text, *(f"{text}[{variant}]" for variant in backend.variants)):
        yield Row(name=name, version=backend.version)


def slowest_first(rows: Sequence[Row], seconds: Mapping[str, float]) -> list[Row]:
    """Return rows so that none that takes long is left for the end, and what is new comes first."""
    return sorted(rows, key=lambda row: -seconds.get(row.name, math.inf))


def _gathered(folder: Path) -> list[Any]:
    """Return what is kept of every row, those of interpreters that have been removed too."""
    return [kept for path in sorted(folder.glob("*/row.json")) if (kept := read_whole(path))]


def _seconds(table: Path) -> dict[str, float]:
    """Return how long each row took when the table was last made."""
    last = read_whole(table) or {"backends": []}
    return {row["name"]: row["seconds"] for row in last["backends"] if "seconds" in row}


if __name__ == "__main__":
    main()
