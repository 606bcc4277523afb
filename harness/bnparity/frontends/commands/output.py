"""What a command leaves behind: a table, files, and an exit code."""

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bnparity.results import (
    Document,
    Judgement,
    found_from_here,
    remove_mended,
    save,
    to_document,
    write,
    writer,
)
from bnparity.sessions import Plan

#: What commands keep here that nobody gave a place, ignored by git.
KEPT = Path(".bnparity")

ACCEPTABLE, FINDINGS, WRONG_WORDS, NOTHING_CHECKED, INTERRUPTED = 0, 1, 2, 3, 130


class Interrupted(Exception):
    """A command was stopped by its user; the message says what is left, and how to go on."""


def command_line() -> str:
    """Return the command that this process was started with."""
    return shlex.join(["bnparity", *sys.argv[1:]])


def leave(
    judgements: Sequence[Judgement],
    plan: Plan,
    start: float,
    json: Path | None,
    reports: Mapping[str, Path | None],
    kept: Path = KEPT,
) -> Document:
    """Print the results of a session, write what was asked for, and return them.

    It began at the `time.monotonic` of `start`; reports are paths by the names of their writers.
    Findings lie beside the first file that is written, in the folder `kept` if none is.
    """
    seconds = time.monotonic() - start
    document = to_document(judgements, seed=plan.seed, seconds=seconds, command=command_line())
    remove_mended(judgements)
    folder = beside(json, reports)
    if folder is None:
        folder = _made(kept, judgements)
    if folder is not None:
        document = save(document, judgements, json, folder, plan.limits)
    shown = document if folder is None else found_from_here(document, folder)
    print(writer("text")(shown), end="")
    write_reports(document, reports)
    return document


def beside(json: Path | None, reports: Mapping[str, Path | None]) -> Path | None:
    """Return the folder of the first file that is written, in which findings lie; None without."""
    return next((path.parent for path in (json, *reports.values()) if path is not None), None)


def _made(folder: Path, judgements: Sequence[Judgement]) -> Path | None:
    """Return `folder`; None where there is nothing to keep, or it cannot be."""
    if not any(finding.case_result for judged in judgements for finding in judged.findings):
        return None
    return folder_to_keep(folder)


def folder_to_keep(folder: Path) -> Path | None:
    """Return `folder`, made if it is not there, and ignored by git then; None if it cannot be."""
    if folder.is_dir():
        return folder  # what else is in there may be for git
    try:
        folder.mkdir()
        (folder / ".gitignore").write_text("*\n")
    except OSError:
        return None
    return folder


def write_reports(document: Document, reports: Mapping[str, Path | None]) -> None:
    """Write each report that has a path to it, by the name of its writer."""
    for name, path in reports.items():
        if path is not None:
            write(path, writer(name)(document))
            print(f"report: {path}")


def exit_code(
    judgements: Sequence[Judgement], required: set[str], *, accepting: bool = False
) -> int:
    """Return the exit code that judgements come to, if those `required` have to be there.

    `accepting` leaves findings to a baseline, which says which of them are news.
    """
    if not any(judgement.totals.checks or judgement.findings for judgement in judgements):
        print("bnparity: nothing was checked", file=sys.stderr)
        return NOTHING_CHECKED
    missing = [j for j in judgements if j.status == "unavailable" and j.name in required]
    for judgement in missing:
        print(f"bnparity: {judgement.name} is required, but {judgement.reason}", file=sys.stderr)
    bad = not accepting and any(j.status in ("fail", "untrusted") for j in judgements)
    return FINDINGS if bad or missing else ACCEPTABLE
