"""One test run: where its processes write, and what their records amount to."""

import re
import shlex
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bnparity.backends import interpreter_of, parse
from bnparity.frontends.testing.records import Kept, Records
from bnparity.results import Backend, Document, Judgement, merged, not_finished, save, to_document

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

    Parameters
    ----------
    records
        What this process writes.
    findings
        The folder below which findings are saved.
    left_out
        How many tests are not run because they are about other frameworks.
    finished, judged
        The tests that are over, and the backends that one of them did not skip.
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

    def plan(self, tests: Mapping[str, str]) -> None:
        """Note which tests are to be run, each with its backend."""
        self.records.plan(tests, self.left_out)

    def keep(self, test: str, judgement: Judgement) -> Backend:
        """Save the findings of a test, note what it judged, and return that as results have it."""
        place = re.sub(r"[^\w.]+", "-", test.rpartition("::")[2]).strip("-.")
        document = save(_document([judgement]), [judgement], None, self.findings / place)
        (backend,) = document["backends"]
        for finding in backend["findings"]:
            finding["repro"] = finding["repro"] and f"{place}/{finding['repro']}"
        self.records.keep(test, backend)
        results: Backend = backend
        return results

    def results(self, kept: Kept) -> Document:
        """Return the results that the records of all processes make together."""
        document = _document([], seconds=time.monotonic() - self.start)
        names = dict.fromkeys(kept.planned.values())
        document["backends"] = [self._backend(name, kept) for name in names]
        return document

    def problems(self, kept: Kept, named: Sequence[str]) -> tuple[str, ...]:
        """Return why the run must not be green, whatever became of single tests.

        Each backend that was `named` has to be judged; of others, one at least.
        """
        lost = [test for test in kept.planned if test not in self.finished]
        unjudged = [name for name in named if name not in self.judged]
        if not named and kept.planned and not self.judged:
            unjudged = list(dict.fromkeys(kept.planned.values()))
        return (
            *(f"no test judged {name}: nothing is known of it" for name in unjudged),
            *([f"not finished: {', '.join(lost)}"] if lost else ()),
        )

    def _backend(self, name: str, kept: Kept) -> Backend:
        tests = [test for test, backend in kept.planned.items() if backend == name]
        parts = [kept.judged[test] for test in tests if test in kept.judged]
        lost = [test for test in tests if test not in self.finished]
        if lost or not parts:
            parts.append(_without_answer(name, lost))
        return merged(parts)


def _without_answer(name: str, lost: list[str]) -> Backend:
    """Return the results of a backend of which these say nothing but which tests were lost."""
    judgement = Judgement(name=name, interpreter=interpreter_of(parse(name).base))
    judgement.findings = (not_finished(lost),) if lost else ()
    (backend,) = _document([judgement])["backends"]
    results: Backend = backend
    return results


def _document(judgements: Iterable[Judgement], seconds: float = 0.0) -> Document:
    command = shlex.join(["pytest", *sys.argv[1:]])
    return to_document([*judgements], seed=0, seconds=seconds, command=command)
