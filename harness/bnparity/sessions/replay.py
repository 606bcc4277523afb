"""Findings as folders: saved beside the results, and put to a backend again."""

from pathlib import Path
from reprlib import repr as shortened

from bnparity.backends import UsageError, listed, opened, parse
from bnparity.cases import Case, Declaration, case_from_json, declaration
from bnparity.judging import CaseResult, ratio_text, run_case, symptoms
from bnparity.results import SCHEMA, read_json

#: The most bytes that a finding's own file has.
MOST_BYTES = 2**20
#: The most characters that a text in it is read with: that of a path.
_MOST_OF_TEXT = 4096


def replay_finding(path: Path, backend: str | None = None) -> bool | None:
    """Put the case of a finding to a backend again; return whether it still fails.

    Of the finding at `path`, its ``finding.json`` is read and nothing else. It may be somebody
    else's, so it says which backend is asked only if that is one of the names that
    `bnparity backends` lists: it takes a word of the user's, `backend`, to import a file.

    Returns
    -------
    bool or None
        None says that the backend gave nothing to judge.

    Raises
    ------
    UsageError
        If there is no finding, if it names a file and `backend` is None, or if the backend is
        unavailable.
    """
    path = path / "finding.json" if path.is_dir() else path
    named, case, declared = _read(path)
    if backend is None and named.partition("[")[0] not in listed():
        raise UsageError(
            f"{str(path)!r} is about {shortened(named)}, and replaying it would run that code: "
            f"if you trust it, name it yourself with --backend"
        )
    text = named if backend is None else backend
    with opened(parse(text)) as opened_backend:
        if opened_backend.ask is None:
            raise UsageError(f"{text} is unavailable: {opened_backend.reason}")
        case_result = run_case(opened_backend.ask, case, declared.dialect)
    print(_told(text, case_result))
    fails = bool(symptoms(case_result))
    return fails if fails or case_result.checks else None


def _read(path: Path) -> tuple[str, Case, Declaration]:
    """Return the backend, the case and the dialect that the finding at `path` names."""
    document = read_json(path, MOST_BYTES)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{str(path)!r} holds no finding of the schema {SCHEMA}")
    for field in ("backend", "dialect"):
        value = document.get(field)
        if not isinstance(value, str) or len(value) > _MOST_OF_TEXT:
            raise UsageError(
                f"{field} of {str(path)!r} is {shortened(value)}: give a text of up to "
                f"{_MOST_OF_TEXT} characters"
            )
    case = case_from_json(document.get("case"))
    declared = declaration(document["dialect"])
    if case.momentum is None and declared.dialect.momentum_none == "refused":
        dialect = document["dialect"]
        raise UsageError(f"momentum of the case is null, and {dialect} has no such: give a number")
    return document["backend"], case, declared


def _told(backend: str, case_result: CaseResult) -> str:
    lines = [f"{backend}: {case_result.case}"]
    if case_result.fault is not None:
        lines.append(f"  {case_result.fault.kind}: {case_result.fault.text}")
    for check in case_result.checks:
        index = ", ".join(map(str, check.index))
        got, expected = check.texts
        lines.append(
            f"  {check.verdict:<5} {check.output}[{index}] = {got}, "
            f"expected {expected}, bound {check.bound:.2g}, "
            f"ratio {ratio_text(check.ratio)}"
        )
    return "\n".join(lines)
