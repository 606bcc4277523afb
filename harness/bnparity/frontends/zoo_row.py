"""A row of the zoo's table: one backend judged, in processes of its own, and what is kept of it."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnparity.backends import UsageError, parse
from bnparity.results import dump, read, write
from bnparity.sessions import edges_of

#: How many cases each is asked.
EXAMPLES = 200
#: For how many minutes at most: what compiles for each shape may have fewer cases.
MINUTES = 3
#: A row has a core; threads that wait for each other on it would take most of its time.
_ONE_THREAD = {"OMP_NUM_THREADS": "1"}
_ABOUT = ("name", "version", "dialect", "status", "cases", "seconds", "unsupported", "not_asked")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A backend by name, of the version that is installed."""

    name: str
    version: str

    def folder(self, parent: Path) -> Path:
        """Return where its results are kept."""
        return parent / self.name


def kept_row(row: Row, parent: Path) -> dict[str, Any] | None:
    """Return what is kept of a row; None if it is of another version, other cases, or not whole."""
    kept = read_whole(row.folder(parent) / "row.json")
    same = kept and (kept["version"], kept["examples"]) == (row.version, EXAMPLES)
    return kept if same else None


def read_whole(path: Path) -> Any:
    """Return what a file of JSON holds; None if there is none, or half of one."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    return None


async def judged(row: Row, parent: Path) -> dict[str, Any]:
    """Judge a backend, keep what its row says, and return it.

    Raises
    ------
    UsageError
        If it could not be judged.
    """
    folder = row.folder(parent)
    kept, results = folder / "row.json", folder / "results.json"
    kept.unlink(missing_ok=True)
    await _run("run", row.name, f"--examples={EXAMPLES}", f"--time={MINUTES}m", f"--json={results}")
    edges = await asyncio.to_thread(edges_of, parse(row.name))
    found = row_of(read(results), edges)
    write(kept, dump(found))
    return found


async def _run(*words: str) -> None:
    """Run `bnparity` to its end, which comes early if this task is told to end."""
    command = (sys.executable, "-m", "bnparity", *words, "--no-earlier", "-qq")
    nothing, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=nothing, stdout=nothing, stderr=pipe, env={**os.environ, **_ONE_THREAD}
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if process.returncode not in (0, 1):
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise UsageError(f"bnparity ended with {process.returncode}: {last}")


def row_of(document: dict[str, Any], edges: dict[str, str]) -> dict[str, Any]:
    """Return what the table says of the backend that was judged alone, and answers so at edges."""
    (backend,) = document["backends"]
    return {
        **{key: backend[key] for key in _ABOUT},
        "compile_seconds": backend.get("compile_seconds", 0.0),
        "examples": EXAMPLES,
        "created": document["run"]["created"],
        "software": backend["software"],
        "edges": edges,
        "accuracy": _accuracy(backend),
        "conventions": {c["field"]: c["value"] for c in backend["conventions"]},
        "findings": [
            {key: finding[key] for key in ("kind", "codes", "text")}
            for finding in backend["findings"]
        ],
    }


def _accuracy(backend: dict[str, Any]) -> dict[str, str]:
    """Return the worst ratio in each format."""
    worst: dict[str, float] = {}
    for cell in backend["cells"]:
        ratios = [o["worst_ratio"] for o in cell["outputs"].values()]
        seen = [float(ratio) for ratio in ratios if ratio is not None]
        worst[cell["dtype"]] = max([worst.get(cell["dtype"], 0.0), *seen])
    return {
        dtype: "beyond all" if ratio >= sys.float_info.max else f"{ratio:.3g}"
        for dtype, ratio in worst.items()
    }
