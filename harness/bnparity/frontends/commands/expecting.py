"""The options that say what is expected of a run: what is known, and what is not accepted."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias, get_args

from typer import Option

from bnparity.backends import UsageError, did_you_mean
from bnparity.frontends.commands.options import File, file_named
from bnparity.results import Baseline, Document, Expected, Strict, declared_in, read

BaselineFile: TypeAlias = Annotated[
    File, file_named("--baseline", "Fail only at what is worse than in these results.")
]
KnownFile: TypeAlias = Annotated[
    File, file_named("--known", "Deviations that do not fail the run, with reasons: a TOML file.")
]
FailOn: TypeAlias = Annotated[
    list[str] | None,
    Option(
        "--fail-on",
        metavar="VERDICT",
        help="Fail at loose, or at untrusted, whatever is known; may be repeated.",
    ),
]
Github: TypeAlias = Annotated[
    bool,
    Option(
        "--github/--no-github",
        envvar="GITHUB_ACTIONS",
        help="Print what is news as annotations of GitHub Actions.",
    ),
]


def expected(
    baseline: Path | None,
    known: Path | None,
    strict: Sequence[str] | None,
    required: Collection[str],
    written: Sequence[Path | None],
) -> Expected:
    """Return what the options expect; a `UsageError` if a file of theirs is one of `written`."""
    _kept(
        "--baseline", baseline, written, remedy="make it anew without --baseline, or give another"
    )
    _kept("--known", known, written, remedy="give another path")
    return Expected(
        baseline=None
        if baseline is None
        else Baseline(file=str(baseline), results=read_baseline(baseline)),
        known=None if known is None else declared_in(known),
        required=frozenset(required),
        strict=tuple(_verdict(word) for word in dict.fromkeys(strict or ())),
    )


def tell_problems(document: Document) -> None:
    """Print what fails a run beside its findings and what a comparison tells."""
    for problem in document.get("news", {}).get("problems", []):
        if problem["kind"] != "regressed":
            print(f"bnparity: {problem['text']}", file=sys.stderr)


def _verdict(word: str) -> Strict:
    verdicts: tuple[Strict, ...] = get_args(Strict)
    for verdict in verdicts:
        if word == verdict:
            return verdict
    close = did_you_mean(word, verdicts)
    raise UsageError(f"--fail-on {word}{close}: give {' or '.join(verdicts)}")


def _kept(option: str, path: Path | None, written: Sequence[Path | None], remedy: str) -> None:
    """Check that a file that is read is not written over."""
    if path is not None and any(o is not None and o.resolve() == path.resolve() for o in written):
        raise UsageError(f"{option} {str(path)!r} would be written over: {remedy}")


def read_baseline(path: Path) -> Document:
    """Return the results of a baseline; a `UsageError` if there is no such file."""
    if not path.exists():
        raise UsageError(
            f"--baseline {str(path)!r}: there is no such file; make it with "
            f"`bnparity run --json {path}`, and the same backends"
        )
    return read(path)
