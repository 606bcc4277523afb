"""What a command leaves behind: a table, files, and an exit code."""

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bnparity.frontends.commands.expecting import tell_problems
from bnparity.results import (
    Document,
    Expected,
    Judgement,
    found_from_here,
    has_news,
    save,
    to_document,
    with_news,
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
    *,
    expected: Expected,
) -> Document:
    """Print the results of a session, write what was asked for, and return them.

    It began at the `time.monotonic` of `start`; reports are paths by the names of their writers.
    What is news in it is what is not `expected`.
    Findings lie beside the first file that is written, in the folder `kept` if none is.
    """
    seconds = time.monotonic() - start
    document = with_news(
        to_document(judgements, seed=plan.seed, seconds=seconds, command=command_line()), expected
    )
    written = [path for path in (json, *reports.values()) if path is not None]
    folder = written[0].parent if written else _made(kept, judgements)
    if folder is not None:
        document = save(document, judgements, json, folder, plan.limits)
    shown = document if folder is None else found_from_here(document, folder)
    print(writer("text")(shown), end="")
    tell_problems(document)
    write_reports(document, reports)
    return document


def _made(folder: Path, judgements: Sequence[Judgement]) -> Path | None:
    """Return `folder`, ignored by git; None where there is nothing to keep, or it cannot be."""
    if not any(finding.case_result for judged in judgements for finding in judged.findings):
        return None
    try:
        folder.mkdir(exist_ok=True)
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


def exit_code(document: Document) -> int:
    """Return the exit code of results: what is news in them says whether they are acceptable."""
    if not any(backend["checks"] or backend["findings"] for backend in document["backends"]):
        print("bnparity: nothing was checked", file=sys.stderr)
        return NOTHING_CHECKED
    return FINDINGS if has_news(document) else ACCEPTABLE
