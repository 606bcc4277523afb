"""What each process of a test run has judged, written as it goes.

Every process has a file of its own, a line of JSON for each test. A process that dies takes with
it what it had not finished, and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bnparity.results import Backend


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of the process with the name `process`; all of a run write to `folder`."""

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


@dataclass(kw_only=True)
class Kept:
    """What the processes of a run have written: the backend of each test, and what it judged."""

    planned: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Backend] = field(default_factory=dict)
    left_out: int = 0


def read(folder: Path) -> Kept:
    """Return what is in the files of `folder`; a test that was run twice counts once.

    The last line of a process that died may be torn.
    """
    kept = Kept()
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.jsonl"))]
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    for line in (json.loads(line) for line in lines if line.endswith("\n")):
        if "planned" in line:
            kept.planned.update(line["planned"])
            kept.left_out = max(kept.left_out, line["left_out"])
        else:
            kept.judged[line["test"]] = line["backend"]
    return kept
