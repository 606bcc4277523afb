"""One test run: where its processes write, and what their records amount to."""

import re
import shlex
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bnparity.backends import parse
from bnparity.frontends.testing.records import Kept, Records, read
from bnparity.results import Backend, Document, Judgement, merged, not_finished, save, to_document
from bnparity.sessions import unjudged

#: The property of a test that names the backend it judges; files of JUnit have it too.
BACKEND = "bn_backend"


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
