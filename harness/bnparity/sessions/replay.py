"""A kept finding put to a backend again."""

import re
from dataclasses import dataclass
from reprlib import repr as shortened

from bnparity.backends import UsageError, listed
from bnparity.judging import CaseResult, ratio_text, run_case, symptoms
from bnparity.sessions.kept import KeptFinding
from bnparity.sessions.plan import OpenBackends


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What the backend `backend` made of the case of a finding."""

    backend: str
    case_result: CaseResult

    @property
    def fails(self) -> bool | None:
        """Whether it still fails; None says that the backend gave nothing to judge."""
        fails = bool(symptoms(self.case_result))
        return fails if fails or self.case_result.checks else None

    @property
    def text(self) -> str:
        """The case, and each check of it, in lines."""
        return _told(self.backend, self.case_result)

    @property
    def line(self) -> str:
        """The backend, and what fails or the worst that passes, in a line."""
        fault, checks = self.case_result.fault, self.case_result.checks
        if fault is not None:
            said = f"{fault.kind}: {fault.text}"
        elif checks:
            worst = max(checks, key=lambda check: check.ratio)
            said = f"worst ratio {ratio_text(worst.ratio)} in {worst.output}"
        else:
            said = "no output to judge"
        return " ".join(f"{self.backend}: {said}".split())


def replay_finding(found: KeptFinding, place: OpenBackends, backend: str | None = None) -> Replayed:
    """Put the case of a finding to a backend again.

    It may be somebody else's, so it says which backend is asked only if that is one of the names
    that `bnparity backends` lists: it takes a word of the user's, `backend`, to import a file.

    Raises
    ------
    UsageError
        If it names a file and `backend` is None, or if the backend is unavailable.
    """
    if backend is None and found.backend.partition("[")[0] not in listed():
        raise UsageError(
            f"{str(found.path)!r} is about {shortened(found.backend)}, and replaying it would run "
            f"that code: if you trust it, name it yourself: --backend "
            f"{_named_safely(found.backend)}"
        )
    text = found.backend if backend is None else backend
    opened = place[text]
    if opened.ask is None:
        raise UsageError(f"{text} is unavailable: {opened.reason}")
    case_result = run_case(opened.ask, found.case, found.declared.dialect)
    return Replayed(backend=text, case_result=case_result)


def _named_safely(backend: str) -> str:
    """Return the file and the function to name, if `backend` is such; else what to write."""
    name = backend.rpartition("/")[2]
    of_file = re.fullmatch(r"[\w.-]{1,80}\.py:\w{1,80}(\[[\w,]*\])?", name)
    return f"path/to/{name}" if of_file else "path/to/file.py:function"


def _told(backend: str, case_result: CaseResult) -> str:
    lines = [f"{backend}: {case_result.case}"]
    if case_result.fault is not None:
        lines.append(f"  {case_result.fault.kind}: {case_result.fault.text}")
        lines += [f"    {frame}" for frame in case_result.fault.traceback.splitlines()]
    for check in case_result.checks:
        lines.append(
            f"  {check.verdict:<5} {check.told()}, bound {check.bound:.2g}, "
            f"ratio {ratio_text(check.ratio)}"
        )
    lines += [f"  printed: {line}" for line in case_result.printed.splitlines()]
    return "\n".join(lines)
