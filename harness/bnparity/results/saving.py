"""Findings saved as folders beside the results."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bnparity.backends import DEFAULT_LIMITS, Limits, parse
from bnparity.results.document import Document, dump, write
from bnparity.results.judgement import Judgement
from bnparity.results.repro.folder import Accused, write_folder

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
            if finding.case_result is not None:
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
