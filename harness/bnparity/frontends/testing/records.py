"""What each process of a test run has judged, written as it goes.

Every process has a file of its own, a line of JSON for each test. A process that dies takes with
it what it had not finished, and nothing else.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bnparity.results import Backend


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one process.

    Parameters
    ----------
    folder
        Where all processes of a run write.
    process
        The name of this one.
    """

    folder: Path
    process: str

    def plan(self, tests: Mapping[str, str], left_out: int) -> None:
        """Note which tests are to be run, each with its backend, and how many are left out."""
        self._write({"planned": dict(tests), "left_out": left_out})

    def keep(self, test: str, backend: Backend) -> None:
        """Note what a test has judged."""
        self._write({"test": test, "backend": backend})

    def _write(self, line: Mapping[str, Any]) -> None:
        with (self.folder / f"{self.process}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, allow_nan=False) + "\n")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the processes of a run have written: the backend of each test, and what it judged."""

    planned: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Backend] = field(default_factory=dict)
    left_out: int = 0


def read(folder: Path) -> Kept:
    """Return what is in the files of `folder`; a test that was run twice counts once."""
    planned: dict[str, str] = {}
    judged: dict[str, Backend] = {}
    left_out = 0
    for path in sorted(folder.glob("*.jsonl")):
        for line in _whole_lines(path):
            if "planned" in line:
                planned.update(line["planned"])
                left_out = max(left_out, line["left_out"])
            else:
                judged[line["test"]] = line["backend"]
    return Kept(planned=planned, judged=judged, left_out=left_out)


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file; the last one of a process that died may be torn."""
    for text in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if text.endswith("\n"):
            yield json.loads(text)
