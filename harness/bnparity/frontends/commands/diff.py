"""``bnparity diff``: a comparison in words, and as an exit code."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

from typer import Argument

from bnparity.backends import UsageError, did_you_mean
from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS
from bnparity.frontends.commands.options import File, OnlyJson, file_named
from bnparity.frontends.commands.output import put
from bnparity.frontends.commands.parsing import STDOUT, writable
from bnparity.results import Document, compare, dump, read, write, writer

#: How the name of a results file ends, behind which a backend may be named.
_SUFFIX = ".json"


def diff_command(
    old: Annotated[
        Path,
        Argument(metavar="OLD", help="The results.json of one run; FILE:BACKEND for one in it."),
    ],
    new: Annotated[Path, Argument(metavar="NEW", help="That of another.")],
    *,
    markdown: Annotated[
        File, file_named("--markdown", "Write the differences here, to be posted.")
    ] = None,
    html: Annotated[
        File, file_named("--html", "Write them here as a page, before beside after.")
    ] = None,
    junit: Annotated[
        File, file_named("--junit", "Write them here as JUnit XML, for a CI system.")
    ] = None,
    json: OnlyJson = None,
) -> int:
    """Tell what one run says differently from another; exit with 1 if anything is worse."""
    written = {"--markdown": markdown, "--html": html, "--junit": junit, "--json": json}
    _separate({"OLD": old, "NEW": new, **written}, written.keys())
    comparison = compare(_read(old), _read(new))
    pages = {"diff-markdown": markdown, "diff-html": html, "diff-junit": junit}
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


def _read(path: Path) -> Document:
    """Return a document; where a backend is named behind its file, with that backend alone."""
    file, colon, name = str(path).partition(f"{_SUFFIX}:")
    if not colon:
        return read(path)
    document = read(Path(file + _SUFFIX))
    backends = {backend["name"]: backend for backend in document["backends"]}
    if name not in backends:
        known = ", ".join(backends) or "none"
        hint = did_you_mean(name, backends)
        raise UsageError(f"{file}{_SUFFIX} has no backend {name!r}: it has {known}{hint}")
    return {**document, "backends": [backends[name]]}


def _separate(paths: Mapping[str, Path | None], written: Collection[str]) -> None:
    """Check that nothing `written` takes the place of anything else."""
    places = {name: path.resolve() for name, path in paths.items() if path is not None}
    for name in sorted(places.keys() & written):
        for other, place in places.items():
            if other != name and place == places[name]:
                raise UsageError(f"{name} {str(place)!r} is {other} too: give another path")
