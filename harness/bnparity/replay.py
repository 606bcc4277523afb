"""Findings as folders: saved beside the results, and put to a backend again."""

import re
from collections.abc import Sequence
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

from bnparity.backends.names import listed, parse
from bnparity.backends.open import DEFAULT_LIMITS, opened
from bnparity.case import Case
from bnparity.dialects import Declaration, declaration
from bnparity.examine import Examination, examine
from bnparity.hunt import suspicions
from bnparity.mistakes import Mistake
from bnparity.reading import case_from_json
from bnparity.repro.folder import SCHEMA, Accused, write_folder
from bnparity.results import Document, dump, read_json, write
from bnparity.session import Judgement
from bnparity.worker.client import Limits

#: The most bytes that a finding's own file has.
MOST_BYTES = 2**20
#: The most characters that a text in it is read with: that of a path.
_MOST_OF_TEXT = 4096
#: The most characters of a backend's name that a folder is called by.
_MOST_OF_NAME = 80


def save(
    document: Document,
    judgements: Sequence[Judgement],
    path: Path | None,
    folder: Path,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    """Write each finding of a case to a folder in `folder`, then the results to `path`.

    Parameters
    ----------
    document, judgements
        The results, and what they were made from; each finding is told its script.
    path
        Of the results; None writes none.
    folder
        Holds the folder ``findings``.
    limits
        What the backends were allowed.

    Returns
    -------
    Document
        The results, whose findings name their scripts.
    """
    taken: set[str] = set()
    for backend, judgement in zip(document["backends"], judgements, strict=True):
        for shown, finding in zip(backend["findings"], judgement.findings, strict=True):
            if finding.examination is not None:
                place = _unlike(folder_name(judgement.name, finding.id), taken)
                shown["repro"] = f"findings/{place}/repro.py"
                accused = _accused(judgement, limits)
                write_folder(folder / "findings" / place, finding, accused)
    if path is not None:
        write(path, dump(document))
    return document


def folder_name(backend: str, identity: str) -> str:
    """Return what a finding's folder is called: one name, and nothing that leads elsewhere.

    Examples
    --------
    >>> folder_name("mindspore[graph]", "924e4298a0")
    'mindspore-graph-924e4298a0'
    >>> folder_name("../../my kernel.py:f", "..")
    'my-kernel.py-f'
    """
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", backend).strip("-.")[:_MOST_OF_NAME]
    return re.sub(r"[^A-Za-z0-9_.]+", "-", f"{stem}-{identity}").strip("-.")


def _unlike(name: str, taken: set[str]) -> str:
    """Return `name`, numbered if another finding has it: two paths may differ in a dash alone."""
    tried, number = name, 1
    while tried in taken:
        number += 1
        tried = f"{name}-{number}"
    taken.add(tried)
    return tried


def _accused(judgement: Judgement, limits: Limits) -> Accused:
    return Accused(
        name=parse(judgement.name),
        interpreter=judgement.interpreter,
        version=judgement.version,
        device=judgement.device,
        dialect=judgement.dialect,
        limits=limits,
    )


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
    """Put the case of a finding to a backend again; return whether it still fails.

    Of the finding, its ``finding.json`` is read and nothing else. It may be somebody else's, so it
    says which backend is asked only if that is one of the names that `bnparity backends` lists: it
    takes a word of the user's, `backend`, to import a file.

    Parameters
    ----------
    path
        The finding's folder, or its ``finding.json``.
    backend
        Ask this one; None for the one that the finding names.

    Returns
    -------
    bool or None
        None says that the backend gave nothing to judge.

    Raises
    ------
    Mistake
        If there is no finding, if it names a file and `backend` is None, or if the backend is
        unavailable.
    """
    path = path / "finding.json" if path.is_dir() else path
    named, case, declared = _read(path)
    text = named if backend is None else backend
    name = parse(text) if backend is not None else parse(_harmless(named, path))
    with opened(name) as opened_backend:
        if opened_backend.ask is None:
            raise Mistake(f"{text} is unavailable: {opened_backend.reason}")
        examination = examine(opened_backend.ask, case, declared.dialect)
    print(_told(text, examination))
    if not suspicions(examination) and not examination.checks:
        return None
    return bool(suspicions(examination))


def _read(path: Path) -> tuple[str, Case, Declaration]:
    """Return the backend, the case and the dialect that the finding at `path` names."""
    document = read_json(path, MOST_BYTES)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise Mistake(f"{str(path)!r} holds no finding of the schema {SCHEMA}")
    for field in ("backend", "dialect"):
        value = document.get(field)
        if not isinstance(value, str) or len(value) > _MOST_OF_TEXT:
            raise Mistake(
                f"{field} of {str(path)!r} is {shortened(value)}: give a text of up to "
                f"{_MOST_OF_TEXT} characters"
            )
    case = case_from_json(document.get("case"))
    declared = declaration(document["dialect"])
    if case.momentum is None and declared.dialect.momentum_none == "refused":
        dialect = document["dialect"]
        raise Mistake(f"momentum of the case is null, and {dialect} has no such: give a number")
    return document["backend"], case, declared


def _harmless(named: str, path: Path) -> str:
    """Return the name of a backend that a file may choose: of what is installed here."""
    if named.partition("[")[0] not in listed():
        raise Mistake(
            f"{str(path)!r} is about {shortened(named)}, and replaying it would run that code: "
            f"if you trust it, name it yourself with --backend"
        )
    return named


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
