"""Findings that earlier sessions kept as folders: found, and read back as cases.

A folder may be somebody else's. Its ``finding.json`` is read, and nothing that it names is loaded.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

from bnparity.backends import Capabilities, Name, UsageError
from bnparity.cases import Case, Declaration, case_from_json, declaration
from bnparity.results import SCHEMA, folder_name, read_json
from bnparity.sessions.plan import Plan, least_values

#: What a finding is read from, in its folder.
FILE = "finding.json"
#: The most bytes that this file has.
MOST_BYTES = 2**20
#: The most characters that a text in it is read with: that of a path.
_MOST_OF_TEXT = 4096


@dataclass(frozen=True, kw_only=True)
class KeptFinding:
    """What the file `path` says: which backend failed, in which case, by which dialect."""

    path: Path
    backend: str
    case: Case
    declared: Declaration
    id: str = ""
    output: str = ""

    def is_about(self, name: Name) -> bool:
        """Return whether a session that was given `name` has kept it.

        Of a file the finding keeps no more than its name; where that was, the folder's name says.
        """
        same = _without_place(self.backend) == _without_place(name.text)
        return same and self.path.parent.name.startswith(folder_name(name.text, self.id))


def findings_at(path: Path) -> list[Path]:
    """Return the folders of findings at `path`: itself, or those in it, or in its ``findings``.

    A `UsageError` if there is none.
    """
    if not os.path.lexists(path):
        raise UsageError(f"there is no finding at {str(path)!r}: give the path of its folder")
    if not path.is_dir() or os.path.lexists(path / FILE):
        return [path]
    found = [file.parent for place in ("*", "findings/*") for file in path.glob(f"{place}/{FILE}")]
    if not found:
        raise UsageError(
            f"there is no finding in {str(path)!r}: name a folder with a {FILE}, or one with such "
            f"folders in it"
        )
    return sorted(found)


def kept_of(name: Name, folder: Path) -> list[KeptFinding]:
    """Return the findings about a backend in the folders in `folder`; none if it is not there.

    What another version has written, or somebody else, may not be readable; that is left out.
    """
    found = []
    for file in sorted(folder.glob(f"*/{FILE}")):
        try:
            kept = read_finding(file)
        except UsageError:
            continue
        if kept.is_about(name) and not file.parent.is_symlink():
            found.append(kept)
    return found


def still_shown(output: str, symptoms: Sequence[str]) -> bool:
    """Return whether a case that failed in `output`, empty for a fault, fails so again.

    If it faults, it does. If it fails in another output, that is a failure of its own.
    """
    faulted = not output or any(": " in symptom for symptom in symptoms)
    return bool(symptoms) if faulted else output in symptoms


def asked_by(plan: Plan, capabilities: Capabilities, case: Case, declared: Declaration) -> bool:
    """Return whether `case`, judged by a dialect, is one that a session by `plan` could draw."""
    return (
        declared == declaration(plan.dialect_of(capabilities))
        and case.dtype in plan.dtypes_of(capabilities)
        and len(case.shape) in capabilities.ranks
        and case.values_per_channel >= least_values(capabilities)
    )


def read_finding(path: Path) -> KeptFinding:
    """Return what the file at `path`, or the one in the folder there, says.

    A `UsageError` if that is no finding.
    """
    path = path / FILE if path.is_dir() else path
    document = read_json(path, MOST_BYTES)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{str(path)!r} holds no finding of the schema {SCHEMA}")
    texts = {field: _text(path, document, field) for field in ("backend", "dialect")}
    case = case_from_json(document.get("case"))
    declared = declaration(texts["dialect"])
    if case.momentum is None and declared.dialect.momentum_none == "refused":
        dialect = texts["dialect"]
        raise UsageError(f"momentum of the case is null, and {dialect} has no such: give a number")
    return KeptFinding(
        path=path,
        backend=texts["backend"],
        case=case,
        declared=declared,
        id=str(document.get("id", "")),
        output=str(document.get("output", "")),
    )


def _text(path: Path, document: dict[str, Any], field: str) -> str:
    value = document.get(field)
    if not isinstance(value, str) or len(value) > _MOST_OF_TEXT:
        raise UsageError(
            f"{field} of {str(path)!r} is {shortened(value)}: give a text of up to "
            f"{_MOST_OF_TEXT} characters"
        )
    return value


def _without_place(backend: str) -> str:
    """Return a backend's name without its variant, and without the folder of its file."""
    return Path(backend.partition("[")[0]).name
