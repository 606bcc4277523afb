"""``bnparity diff`` and ``bnparity run --baseline``: a comparison in words, and as an exit code."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from bnparity.backends import UsageError
from bnparity.frontends.commands.options import File, OnlyJson
from bnparity.frontends.commands.output import ACCEPTABLE, FINDINGS, put
from bnparity.frontends.commands.parsing import STDOUT, writable
from bnparity.frontends.commands.telling import USUAL
from bnparity.results import Document, compare, dump, read, write, writer


def diff_command(
    old: Annotated[Path, Argument(metavar="OLD", help="The results.json of one run.")],
    new: Annotated[Path, Argument(metavar="NEW", help="That of another.")],
    *,
    markdown: Annotated[File, Option(help="Write the differences here, to be posted.")] = None,
    html: Annotated[File, Option(help="Write them here as a page, before beside after.")] = None,
    json: OnlyJson = None,
) -> int:
    """Tell what one run says differently from another; exit with 1 if anything is worse."""
    _separate({"OLD": old, "NEW": new, "--markdown": markdown, "--html": html, "--json": json})
    comparison = compare(read(old), read(new))
    pages = {"diff-markdown": markdown, "diff-html": html}
    writable(*pages.values(), json)
    document = comparison.to_json()
    if json != STDOUT:
        print(writer("diff-text")(document), end="")
    for name, path in pages.items():
        if path is not None:
            write(path, writer(name)(document))
    if json is not None:
        put(json, dump(document))
    return FINDINGS if comparison.regressed else ACCEPTABLE


def known(baseline: Path | None, *written: Path | None) -> Document | None:
    """Return the results that `baseline` holds; None without one.

    A `UsageError` if it is no file, if it holds no results, or if it is one of those `written`.
    """
    if baseline is None:
        return None
    if not baseline.exists():
        raise UsageError(
            f"--baseline {str(baseline)!r}: there is no such file; make it with "
            f"`bnparity run --json {baseline}`, and the same backends"
        )
    if any(path is not None and path.resolve() == baseline.resolve() for path in written):
        raise UsageError(
            f"--baseline {str(baseline)!r} would be written over, and what regressed be known from "
            f"then on: give another path, or make it anew without --baseline"
        )
    return read(baseline)


def judged_by(baseline: Document, document: Document, detail: int) -> int:
    """Print what `document` says differently from the `baseline`; return the exit code."""
    comparison = compare(baseline, document, baseline=True)
    if detail >= USUAL:
        print(writer("diff-text")(comparison.to_json()), end="")
    return FINDINGS if comparison.regressed else ACCEPTABLE


def _separate(paths: dict[str, Path | None]) -> None:
    """Check that nothing written takes the place of anything else."""
    places = {name: path.resolve() for name, path in paths.items() if path is not None}
    for name in places.keys() & {"--markdown", "--html", "--json"}:
        for other, place in places.items():
            if other != name and place == places[name]:
                raise UsageError(f"{name} {str(place)!r} is {other} too: give another path")
