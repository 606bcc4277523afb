"""One test run: what each process has judged, written as it goes, and what that amounts to.

Every process has a file of its own, a line of JSON for each test. A process that dies takes with
it what it had not finished, and nothing else.
"""

import json
import re
import shlex
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bnparity.backends import parse
from bnparity.results import Backend, Document, Judgement, merged, not_finished, save, to_document
from bnparity.sessions import unjudged

#: The property of a test that names the backend it judges; files of JUnit have it too.
BACKEND = "bn_backend"


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


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run amounts to: its records, its results, and why it must not be green."""

    kept: Kept
    results: Document
    problems: tuple[str, ...]


@dataclass(kw_only=True, eq=False)  # pytest has its plugins in sets
class Run:
    """A test run, as one of its processes knows it.

    `findings` is the folder below which they are saved, `left_out` how many tests are not run
    because they are about other frameworks. `finished` are the tests that are over, and `judged`
    the backends that one of them did not skip.
    """

    records: Records
    findings: Path
    left_out: int = 0
    start: float = field(default_factory=time.monotonic)
    finished: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test that is over; pytest-xdist tells the controller of each, too."""
        if report.when == "teardown":
            self.finished.add(report.nodeid)
        elif report.when == "call" and (report.outcome != "skipped" or hasattr(report, "wasxfail")):
            self.judged.update(
                str(value) for key, value in report.user_properties if key == BACKEND
            )

    def keep(self, test: str, judgement: Judgement) -> Backend:
        """Save the findings of a test, note what it judged, and return that as results have it."""
        place = re.sub(r"[^\w.]+", "-", test.rpartition("::")[2]).strip("-.")
        document = save(_document([judgement]), [judgement], None, self.findings / place)
        backend: Backend = document["backends"][0]
        for finding in backend["findings"]:
            finding["repro"] = finding["repro"] and f"{place}/{finding['repro']}"
        self.records.keep(test, backend)
        return backend

    def outcome(self, named: Sequence[str]) -> Outcome:
        """Return what the records of all processes amount to together.

        Each backend that was `named` has to be judged; of others, one at least: else the run must
        not be green, whatever became of single tests.
        """
        kept = read(self.records.folder)
        backends = list(dict.fromkeys(kept.planned.values()))
        results = _document([], seconds=time.monotonic() - self.start)
        results["backends"] = [self._backend(name, kept) for name in backends]
        lost = [test for test in kept.planned if test not in self.finished]
        silent = [name for name in named if name not in self.judged]
        if not named and not self.judged:
            silent = backends
        problems = [f"no test judged {name}: nothing is known of it" for name in silent]
        if lost:
            problems.append(f"not finished: {', '.join(lost)}")
        return Outcome(kept=kept, results=results, problems=tuple(problems))

    def _backend(self, name: str, kept: Kept) -> Backend:
        tests = [test for test, backend in kept.planned.items() if backend == name]
        parts = [kept.judged[test] for test in tests if test in kept.judged]
        lost = [test for test in tests if test not in self.finished]
        if lost or not parts:
            without_answer = unjudged(parse(name))
            without_answer.findings = (not_finished(lost),) if lost else ()
            parts += _document([without_answer])["backends"]
        return merged(parts)


def _document(judgements: Iterable[Judgement], seconds: float = 0.0) -> Document:
    command = shlex.join(["pytest", *sys.argv[1:]])
    return to_document([*judgements], seed=0, seconds=seconds, command=command)
