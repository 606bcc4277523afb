"""One test run: what each process has judged, written as it goes, and what that amounts to.

Every process has a file of its own, a line of JSON for each test. A process that dies takes with
it what it had not finished, and nothing else.
"""

import fcntl
import json
import shlex
import sys
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bnparity.backends import Limits, parse
from bnparity.frontends.commands.output import folder_to_keep
from bnparity.results import Backend, Document, Judgement, merged, not_finished, save, to_document
from bnparity.sessions import unjudged

#: The property of a test that names the backend it judges; files of JUnit have it too.
BACKEND = "bn_backend"


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of the process with the name `process`; all of a run write to `folder`."""

    folder: Path
    process: str

    def plan(self, tests: Mapping[str, str]) -> None:
        """Note which tests are to be run, each with its backend."""
        self._write({"planned": dict(tests)})

    def keep(self, test: str, backend: Backend) -> None:
        """Note what a test has judged."""
        self._write({"test": test, "backend": backend})

    def _write(self, line: Mapping[str, Any]) -> None:
        with (self.folder / f"{self.process}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, allow_nan=False) + "\n")


@dataclass(frozen=True, kw_only=True)
class First:
    """The test that was first to tell a finding, and the script that it left."""

    test: str
    script: str | None


@dataclass(kw_only=True)
class Kept:
    """What the processes of a run have written: the backend of each test, and what it judged.

    A test of somebody's own may judge several backends, none of which is planned.
    """

    planned: dict[str, str] = field(default_factory=dict)
    judged: dict[tuple[str, str], Backend] = field(default_factory=dict)

    def first_told(self) -> dict[tuple[str, str], First]:
        """Return who was first to tell each finding, by the backend and the finding's id."""
        told: dict[tuple[str, str], First] = {}
        for (test, name), backend in self.judged.items():
            for finding in backend["findings"]:
                first = First(test=test, script=finding["repro"])
                told.setdefault((name, finding["id"]), first)
        return told


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
        else:
            kept.judged[line["test"], line["backend"]["name"]] = line["backend"]
    return kept


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run amounts to: its records, its results, and why it must not be green.

    Of one that was stopped by its user, `unfinished` is how many tests did not come to their end.
    """

    kept: Kept
    results: Document
    problems: tuple[str, ...] = ()
    unfinished: int = 0


@dataclass(kw_only=True, eq=False)  # pytest has its plugins in sets
class Run:
    """A test run, as one of its processes knows it.

    Findings are kept below the folder `findings`, of backends that have `limits`. `finished` are
    the tests that are over, and `judged` the backends that one of them did not skip.
    """

    records: Records
    findings: Path
    limits: Limits
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

    def keep(self, test: str, judgement: Judgement) -> tuple[Backend, dict[str, str]]:
        """Note what a test judged; return it as results have it, and who has told it before.

        That is the first test of this run to find the same, by the ids of findings: each is kept
        once, with the case of that test.
        """
        (backend,) = _document([judgement])["backends"]
        with _locked(self.records.folder):
            told = read(self.records.folder).first_told()
            before = {
                identity: first
                for (name, identity), first in told.items()
                if name == judgement.name and first.test != test
            }
            scripts = {
                **{identity: first.script for identity, first in before.items()},
                **self._saved(judgement, before, told),
            }
            for finding in backend["findings"]:
                finding["repro"] = scripts.get(finding["id"])
            self.records.keep(test, backend)
        found = {finding.id for finding in judgement.findings}
        return backend, {i: first.test for i, first in before.items() if i in found}

    def _saved(
        self, judgement: Judgement, before: Container[str], told: Mapping[tuple[str, str], First]
    ) -> dict[str, str | None]:
        """Keep the findings that no test has told before; return their scripts by their ids."""
        new = tuple(finding for finding in judgement.findings if finding.id not in before)
        some = any(finding.case_result for finding in new)
        folder = folder_to_keep(self.findings) if some else None
        if folder is None:
            return {}
        others = [
            Path(first.script).parent.name
            for (name, _), first in told.items()
            if first.script and name != judgement.name
        ]
        partial = replace(judgement, findings=new)
        document = save(_document([partial]), [partial], folder, self.limits, others=others)
        return {finding["id"]: finding["repro"] for finding in document["backends"][0]["findings"]}

    def outcome(self, named: Sequence[str], *, stopped: bool) -> Outcome:
        """Return what the records of all processes amount to together.

        Each backend that was `named` has to be judged; of others, one at least: else the run must
        not be green, whatever became of single tests. Of one that its user has `stopped`, what was
        not finished says nothing.
        """
        kept = read(self.records.folder)
        backends = dict.fromkeys([*kept.planned.values(), *(name for _, name in kept.judged)])
        lost = [test for test in kept.planned if test not in self.finished]
        results = _document([], seconds=time.monotonic() - self.start)
        parts = [self._backend(name, kept, stopped=stopped) for name in backends]
        results["backends"] = [backend for backend in parts if backend is not None]
        if stopped:
            return Outcome(kept=kept, results=results, unfinished=len(lost))
        silent = [name for name in named if name not in self.judged]
        if not named and not self.judged:
            silent = [*backends]
        problems = [f"no test judged {name}: nothing is known of it" for name in silent]
        if lost:
            problems.append(f"not finished: {', '.join(lost)}")
        return Outcome(kept=kept, results=results, problems=tuple(problems))

    def _backend(self, name: str, kept: Kept, *, stopped: bool) -> Backend | None:
        parts = [backend for (_, judged), backend in kept.judged.items() if judged == name]
        lost = [t for t, n in kept.planned.items() if n == name and t not in self.finished]
        if not stopped and (lost or not parts):
            without_answer = unjudged(parse(name))
            without_answer.findings = (not_finished(lost),) if lost else ()
            parts += _document([without_answer])["backends"]
        return merged(parts) if parts else None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Have one process at a time look at what is told, and add to it."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _document(judgements: Iterable[Judgement], seconds: float = 0.0) -> Document:
    command = shlex.join(["pytest", *sys.argv[1:]])
    return to_document([*judgements], seed=0, seconds=seconds, command=command)
