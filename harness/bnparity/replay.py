"""Findings as files: saved beside the results, and put to a backend again."""

import re
from pathlib import Path
from typing import Any

from bnparity.backends.names import parse
from bnparity.backends.open import opened
from bnparity.dialects import declaration
from bnparity.examine import Examination, examine
from bnparity.hunt import suspicions
from bnparity.mistakes import Mistake
from bnparity.reading import case_from_json
from bnparity.results import Document, dump, read_json, write

SCHEMA = "bnparity-finding/1"


def save(document: Document, path: Path | None, folder: Path) -> Document:
    """Write each finding to `folder`, then the results, which name them, to `path`."""
    for backend in document["backends"]:
        for finding in backend["findings"]:
            if finding["case"] is not None:
                stem = re.sub(r"[^\w.]+", "-", backend["name"]).strip("-.")
                finding["repro"] = f"findings/{stem}-{finding['id']}.json"
                write(folder / finding["repro"], dump(_to_file(finding, backend)))
    if path is not None:
        write(path, dump(document))
    return document


def found_from_here(document: Document, folder: Path) -> Document:
    """Return `document` with the paths of its findings as they lead from here."""
    backends = [
        {**backend, "findings": [_from_here(f, folder) for f in backend["findings"]]}
        for backend in document["backends"]
    ]
    return {**document, "backends": backends}


def _from_here(finding: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {**finding, "repro": finding["repro"] and str(folder / finding["repro"])}


def replay(path: Path, backend: str | None = None) -> bool | None:
    """Put the case of the finding at `path` to its backend again; return whether it still fails.

    None says that the backend gave nothing to judge.

    Raises
    ------
    Mistake
        If the file holds no finding, or if the backend is unavailable.
    """
    document = read_json(path)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise Mistake(f"{str(path)!r} holds no finding of the schema {SCHEMA}")
    try:
        text, dialect = str(backend or document["backend"]), str(document["dialect"])
        case = case_from_json(document["case"])
        declared = declaration(dialect)
    except KeyError as error:
        raise Mistake(f"{str(path)!r} has no {error.args[0]!r}: save the finding anew") from error
    if case.momentum is None and declared.dialect.momentum_none == "refused":
        raise Mistake(f"momentum of the case is null, and {dialect} has no such: give a number")
    with opened(parse(text)) as opened_backend:
        if opened_backend.ask is None:
            raise Mistake(f"{text} is unavailable: {opened_backend.reason}")
        examination = examine(opened_backend.ask, case, declared.dialect)
    print(_told(text, examination))
    if not suspicions(examination) and not examination.checks:
        return None
    return bool(suspicions(examination))


def _to_file(finding: dict[str, Any], backend: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "output", "kind", "codes", "text", "case")
    return {
        "schema": SCHEMA,
        "backend": _from_anywhere(backend["name"]),
        "version": backend["version"],
        "dialect": backend["dialect"],
        **{key: finding[key] for key in kept},
    }


def _from_anywhere(name: str) -> str:
    """Return a backend's name with the whole path of its file, if it is one."""
    file, colon, attribute = name.rpartition(":")
    return f"{Path(file).absolute()}{colon}{attribute}" if file.endswith(".py") else name


def _told(backend: str, examination: Examination) -> str:
    lines = [f"{backend}: {examination.case}"]
    if examination.fault is not None:
        lines.append(f"  {examination.fault.kind}: {examination.fault.text}")
    for check in examination.checks:
        index = ", ".join(map(str, check.index))
        lines.append(
            f"  {check.verdict:<5} {check.output}[{index}] = {check.got:.9g}, "
            f"expected {check.expected:.9g}, bound {check.bound:.2g}, ratio {check.ratio:.3g}"
        )
    return "\n".join(lines)
