"""The results as text for a terminal: a sentence a backend, one table, then each finding.

It fits any width. Verdicts have colours on a terminal, unless NO_COLOR is set, and
none where the text goes anywhere else.
"""

import io
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from bnparity_reports.changes import told
from bnparity_reports.figures import (
    OUTPUTS,
    checked,
    counted,
    distinct_names,
    printable,
    shortened,
)
from bnparity_reports.news import headline, news_of, split
from bnparity_reports.notes import notes, worst_loose
from bnparity_reports.ratios import Row, ratio_lines
from bnparity_reports.sections import commands, mark
from bnparity_reports.terminal import columns, paragraph
from bnparity_reports.view import View
from bnparity_reports.words import sentence

#: As on the page: green, amber, red; what is not known is no colour's.
STYLES = {
    "pass": "green",
    "loose": "yellow",
    "fail": "bold red",
    "untrusted": "magenta",
    "known": "cyan",
}

#: How far the lines of a paragraph after its first are indented.
_INDENT = 7
#: How many lines are told of what a call printed.
_MOST_PRINTED = 5


def render(
    results: View, *, width: int | None = None, colour: bool | None = None, detail: int = 0
) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as text.

    Characters that do not print become question marks: texts come from the implementations under
    test, and must not steer the terminal.

    Parameters
    ----------
    results
        The results.
    width
        Columns to fill; None for those of the terminal, or of prose where there is none.
    colour
        Whether verdicts have colours; None for where standard output is a terminal.
    detail
        How much is told: -1 is a line a backend, 1 all there is.
    """
    console = _console(width, colour)
    backends = results["backends"]
    names = [shortened(name) for name in distinct_names([backend["name"] for backend in backends])]
    named = list(zip(backends, names, strict=True))
    if detail > 0:
        _print(console, Text(printable(_run(results["run"]))))
    for backend, name in named:
        _tell(console, backend, name, detail)
    if detail >= 0:
        _tabulate(console, [(b, name) for b, name in named if checked(b)])
        for backend, name in named:
            if not results.get("told"):  # pytest has, where a test failed
                _tell_findings(console, backend, name)
        for backend, name in named:
            _tell_known(console, backend, name)
    _tell_changes(console, results, detail)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def _console(width: int | None, colour: bool | None) -> Console:
    coloured = sys.stdout.isatty() if colour is None else colour
    return Console(
        file=io.StringIO(),
        width=columns(width),
        color_system="standard" if coloured else None,
        force_terminal=coloured,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _run(run: View) -> str:
    """Return in a line what ran the session, and where."""
    versions = ", ".join(f"{of} {run[of]}" for of in ("bnparity", "python", "numpy", "seed"))
    return f"{versions}; {run['platform']}; {run['cpu']}"


def _tell(console: Console, backend: View, name: str, detail: int) -> None:
    """Print the verdict on a backend as a sentence, and what else is known of it."""
    status = backend["status"]
    text = Text()
    text.append(f"{status:<{_INDENT - 1}} ", style=STYLES.get(status, "dim"))
    said = name if detail < 0 else sentence(backend, name).striptags()
    text.append(printable(said))
    _print(console, text)
    if detail < 0:
        return
    for note in notes(backend, full=detail > 0):
        _print(console, Text(printable(note)), indent=_INDENT)
    if loose := worst_loose(backend):
        _print(console, Text(printable(loose["text"])), indent=_INDENT)
        _tell_commands(console, loose["repro"], backend)


def _tabulate(console: Console, named: Sequence[tuple[View, str]]) -> None:
    """Print the worst ratios of the outputs that any backend was asked for."""
    asked = [output for output in OUTPUTS if any(output in checked(b) for b, _ in named)]
    if not asked:
        return
    rows = [
        Row(name=Text(printable(name)), ratios={o: _ratio(backend, o) for o in checked(backend)})
        for backend, name in named
    ]
    console.print()
    for line in (Text("worst error / bound", "italic"), *ratio_lines(rows, asked, console.width)):
        console.print(line, soft_wrap=True)


def _ratio(backend: View, output: str) -> Text:
    of = mark(backend["outputs"].get(output))
    return Text(of["ratio"] or "-", style=STYLES.get(of["verdict"], "dim"))


def _tell_findings(console: Console, backend: View, name: str) -> None:
    """Print what is news of a backend, each with the way to see it again."""
    for finding in split(backend["findings"])[0]:
        kind, count = finding["kind"], counted(finding["count"], "case")
        text = Text()
        text.append(kind, style=STYLES["untrusted" if kind == "vacuous" else "fail"])
        text.append(printable(f" {name}: {finding['text']} ({count})."))
        console.print()
        _print(console, text)
        for line in (finding.get("printed") or "").splitlines()[-_MOST_PRINTED:]:
            _print(console, Text(printable(f"printed: {line}"), style="dim"), _INDENT)
        _tell_commands(console, finding["repro"], backend)


def _tell_commands(console: Console, repro: str | None, backend: View) -> None:
    """Print how a case can be seen again, each command in one piece to be copied."""
    if repro is None:
        return
    told = zip(("reproduce", "replay"), commands(repro, backend["name"]), strict=True)
    for does, command in told:
        line = f"{'':{_INDENT}}{does + ':':<11}{printable(command)}"
        console.print(Text(line), soft_wrap=True)


def _tell_known(console: Console, backend: View, name: str) -> None:
    """Print what is known of a backend, each with the reason."""
    for finding in split(backend["findings"])[1]:
        count = counted(finding["count"], "case")
        text = Text()
        text.append("known", style=STYLES["known"])
        text.append(printable(f" {name}: {finding['text']} ({count}). Known: {finding['known']}."))
        console.print()
        _print(console, text)


def _tell_changes(console: Console, results: View, detail: int) -> None:
    """Print what is news in a line, and what differs from the baseline."""
    if head := headline(results):
        console.print()
        _print(console, Text(f"{head}."))
    comparison = news_of(results)["comparison"] if detail >= 0 else None
    for line in told(comparison) if comparison else ():
        _print(console, Text(printable(line.strip())), indent=2 if line.startswith(" ") else 0)


def _print(console: Console, text: Text, indent: int = 0) -> None:
    """Print a paragraph whose later lines are indented."""
    paragraph(console, text, first=indent, later=_INDENT)
