"""The results as text for a terminal: a sentence a backend, one table, then each finding.

It fits any width from 60 columns. Verdicts have colours on a terminal, unless NO_COLOR is set, and
none where the text goes anywhere else.
"""

import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bnparity_reports.claims import summary
from bnparity_reports.figures import (
    OUTPUTS,
    checked,
    counted,
    distinct_names,
    drift,
    printable,
    shortened,
)
from bnparity_reports.sections import commands, mark
from bnparity_reports.words import sentence

View = dict[str, Any]

#: Columns of a text that no terminal shows, and the fewest and the most that one is filled to.
PIPED, NARROWEST, WIDEST = 100, 60, 132

#: As on the page: green, amber, red; what is not known is no colour's.
STYLES = {"pass": "green", "loose": "yellow", "fail": "bold red", "untrusted": "magenta"}

#: The most that the name of a backend takes of a row, and a ratio with what parts it from the next.
_NAME, _RATIO = 28, 9
#: How far the lines of a paragraph after its first are indented.
_INDENT = 7


def render(results: View, *, width: int | None = None, colour: bool | None = None) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as text.

    Characters that do not print become question marks: texts come from the implementations under
    test, and must not steer the terminal.

    Parameters
    ----------
    results
        The results.
    width
        Columns to fill; None for those of the terminal, or `PIPED` where there is none.
    colour
        Whether verdicts have colours; None for where standard output is a terminal.
    """
    terminal = sys.stdout.isatty()
    columns = width or (shutil.get_terminal_size().columns if terminal else PIPED)
    coloured = terminal if colour is None else colour
    console = Console(
        file=io.StringIO(),
        width=min(max(columns, NARROWEST), WIDEST),
        color_system="standard" if coloured else None,
        force_terminal=coloured,
        markup=False,
        emoji=False,
        highlight=False,
    )
    backends = results["backends"]
    names = [shortened(name) for name in distinct_names([backend["name"] for backend in backends])]
    named = list(zip(backends, names, strict=True))
    for backend, name in named:
        _tell(console, backend, name)
    _tabulate(console, [(b, name) for b, name in named if checked(b)])
    for backend, name in named:
        _tell_findings(console, backend, name)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def _tell(console: Console, backend: View, name: str) -> None:
    """Print the verdict on a backend as a sentence, and what else is known of it."""
    status = backend["status"]
    text = Text()
    text.append(f"{status:<{_INDENT - 1}} ", style=STYLES.get(status, "dim"))
    text.append(printable(sentence(backend, name).striptags()))
    _print(console, text)
    for note in _notes(backend):
        _print(console, Text(printable(note)), indent=_INDENT)


def _notes(backend: View) -> Iterator[str]:
    for question, count in backend.get("unsupported", {}).items():
        yield f"{counted(count, 'case')} not asked: {question}"
    for what, why in backend.get("not_asked", {}).items():
        yield f"{shortened(what)} not asked: {shortened(why)}."
    if graded := _sums(backend):
        yield f"sums: {graded}."
    if followed := summary(backend):
        yield f"{followed}."
    if drifts := drift(backend):
        yield f"{drifts}."


def _sums(backend: View) -> str:
    """Return how sums seem to be taken, with the outputs of which that is said."""
    outputs: dict[str, list[str]] = {}
    for output, figures in checked(backend).items():
        if grade := figures["grade"]:
            outputs.setdefault(grade, []).append(output)
    if len(outputs) == 1 and len(checked(backend)) == len(next(iter(outputs.values()))):
        return shortened(next(iter(outputs)))
    return "; ".join(f"{shortened(grade)} in {', '.join(o)}" for grade, o in outputs.items())


def _tabulate(console: Console, named: Sequence[tuple[View, str]]) -> None:
    """Print the worst ratios of the outputs that any backend was asked for."""
    asked = [output for output in OUTPUTS if any(output in checked(b) for b, _ in named)]
    if not asked:
        return
    table = Table(box=None, pad_edge=False, title="worst error / bound", title_justify="left")
    table.add_column("", max_width=min(_NAME, console.width - _RATIO * len(asked)), overflow="fold")
    for output in asked:
        table.add_column(output.replace("_", "\n"), justify="right", vertical="bottom")
    for backend, name in named:
        table.add_row(Text(printable(name)), *(_ratio(backend, output) for output in asked))
    console.print()
    console.print(table)


def _ratio(backend: View, output: str) -> Text:
    of = mark(backend["outputs"].get(output))
    return Text(of["ratio"] or "-", style=STYLES.get(of["verdict"], "dim"))


def _tell_findings(console: Console, backend: View, name: str) -> None:
    """Print what is wrong with a backend, each with the way to see it again."""
    for finding in backend["findings"]:
        kind, count = finding["kind"], counted(finding["count"], "case")
        text = Text()
        text.append(kind, style=STYLES["untrusted" if kind == "vacuous" else "fail"])
        text.append(printable(f" {name}: {finding['text']} ({count})."))
        console.print()
        _print(console, text)
        if finding["repro"]:
            for does, command in zip(
                ("reproduce", "replay"), commands(finding["repro"], backend["name"]), strict=True
            ):
                line = f"{'':{_INDENT}}{does + ':':<11}{printable(command)}"
                console.print(Text(line), soft_wrap=True)  # to be copied in one piece


def _print(console: Console, text: Text, indent: int = 0) -> None:
    """Print a paragraph whose later lines are indented."""
    for place, line in enumerate(text.wrap(console, console.width - _INDENT)):
        left = indent if place == 0 else _INDENT
        line.rstrip()
        console.print(Padding(line, (0, 0, 0, left), expand=False))
