"""What a command leaves behind: a table, files, and an exit code."""

import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS, NOTHING_CHECKED
from bnparity.frontends.commands.expecting import tell_problems
from bnparity.frontends.commands.parsing import STDOUT
from bnparity.frontends.commands.telling import USUAL, say, tell
from bnparity.results import (
    Document,
    Expected,
    Judgement,
    dump,
    found_from_here,
    has_news,
    remove_mended,
    save,
    save_loosest,
    to_document,
    with_news,
    write,
    writer,
)
from bnparity.sessions import Plan

#: What commands keep here that nobody gave a place, ignored by git.
KEPT = Path(".bnparity")


def command_line() -> str:
    """Return the command that this process was started with."""
    return shlex.join(["bnparity", *sys.argv[1:]])


def document_of(judgements: Sequence[Judgement], plan: Plan, start: float) -> Document:
    """Return the results of a session that began at the `time.monotonic` of `start`."""
    seconds = time.monotonic() - start
    return to_document(judgements, seed=plan.seed, seconds=seconds, command=command_line())


def leave(
    judgements: Sequence[Judgement],
    plan: Plan,
    start: float,
    json: Path | None,
    reports: Mapping[str, Path | None],
    *,
    detail: int = USUAL,
    kept: Path = KEPT,
    expected: Expected,
) -> Document:
    """Print the results of a session, write what was asked for, and return them.

    What cannot be written is told: the verdict stands without it.

    It began at the `time.monotonic` of `start`; reports are paths by the names of their writers.
    What is news in it is what is not `expected`.
    Findings lie beside the first file that is written, in the folder `kept` if none is.
    """
    document = with_news(document_of(judgements, plan, start), expected)
    remove_mended(judgements)
    folder = beside(json, reports)
    if folder is None:
        folder = _made(kept, judgements)
    if folder is not None:
        with passing_over(folder / "findings"):
            document = save_loosest(document, judgements, folder, plan.limits)
            document = save(document, judgements, folder, plan.limits)
    shown = document if folder is None else found_from_here(document, folder)
    tell(shown, detail)
    tell_problems(document)
    if json == STDOUT:
        put(json, dump(shown))
    elif json is not None:
        with passing_over(json):
            write(json, dump(document))
    write_reports(document, reports, detail)
    return document


@contextmanager
def passing_over(path: Path) -> Iterator[None]:
    """Tell what cannot be written at the end of a session, and go on."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        print(
            f"bnparity: {str(path)!r} is not written ({why}); the verdict stands", file=sys.stderr
        )


def beside(json: Path | None, reports: Mapping[str, Path | None]) -> Path | None:
    """Return the folder of the first file that is written, in which findings lie; None without."""
    written = [path for path in (json, *reports.values()) if path is not None and path != STDOUT]
    return written[0].parent if written else None


def _made(folder: Path, judgements: Sequence[Judgement]) -> Path | None:
    """Return `folder`; None where there is nothing to keep, or it cannot be."""
    kept = [finding.case_result for judged in judgements for finding in judged.findings]
    if not any(kept) and not any(judged.loosest for judged in judgements):
        return None
    made = folder_to_keep(folder)
    if made is None:
        print(
            f"bnparity: findings are not kept, {str(folder)!r} cannot be made: name a file "
            f"elsewhere with --json, and they are kept beside it",
            file=sys.stderr,
        )
    return made


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


def write_reports(document: Document, reports: Mapping[str, Path | None], detail: int) -> None:
    """Write each report that has a path to it, by the name of its writer."""
    for name, path in reports.items():
        if path is not None:
            with passing_over(path):
                write(path, writer(name)(document))
                if detail >= USUAL:
                    say(f"report: {path}\n")


def put(path: Path, text: str) -> None:
    """Write `text` to a file, or to standard output."""
    if path == STDOUT:
        print(text, end="", flush=True)
    else:
        write(path, text)


def exit_code(document: Document) -> int:
    """Return the exit code of results: what is news in them says whether they are acceptable."""
    if not any(backend["checks"] or backend["findings"] for backend in document["backends"]):
        print("bnparity: nothing was checked", file=sys.stderr)
        return NOTHING_CHECKED
    return FINDINGS if has_news(document) else ACCEPTABLE
