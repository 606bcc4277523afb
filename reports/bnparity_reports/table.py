"""The results as text for a terminal: one table, then each finding in a paragraph."""

import io
import textwrap
from typing import Any

from rich.console import Console
from rich.table import Table

from bnparity_reports.claims import summary
from bnparity_reports.figures import (
    OUTPUTS,
    checked,
    distinct_names,
    drift,
    printable,
    ratio,
    shortened,
)

_WIDTH = 132


def render(results: dict[str, Any]) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as plain text.

    Characters that do not print become question marks: texts come from the implementations under
    test, and must not steer the terminal.
    """
    backends = results["backends"]
    names = [shortened(name) for name in distinct_names([backend["name"] for backend in backends])]
    table = Table(title="worst ratio of error to bound, per output", title_justify="left")
    for heading in ("backend", "version", "dialect"):
        table.add_column(heading)
    for heading in ("cases", "checks", *(output.replace("_", "\n") for output in OUTPUTS)):
        table.add_column(heading, justify="right")
    table.add_column("status")
    for backend, name in zip(backends, names, strict=True):
        table.add_row(*_row(backend, name))
    file = io.StringIO()
    Console(file=file, width=_WIDTH, color_system=None, markup=False, emoji=False).print(table)
    notes = "".join(_notes(backend, name) for backend, name in zip(backends, names, strict=True))
    text = file.getvalue() + notes
    return printable(text, "\n")


def _row(backend: dict[str, Any], name: str) -> list[str]:
    outputs = checked(backend)
    worst = [ratio(outputs[o]["worst_ratio"]) if o in outputs else "-" for o in OUTPUTS]
    counts = [str(backend["cases"]), str(backend["checks"])]
    return [name, backend["version"], backend["dialect"], *counts, *worst, backend["status"]]


def _sums(backend: dict[str, Any]) -> str:
    """Return how sums seem to be taken, with the outputs of which that is said."""
    outputs: dict[str, list[str]] = {}
    for output, figures in checked(backend).items():
        if grade := figures["grade"]:
            outputs.setdefault(grade, []).append(output)
    if len(outputs) == 1 and len(checked(backend)) == len(next(iter(outputs.values()))):
        return shortened(next(iter(outputs)))
    return "; ".join(f"{shortened(grade)} in {', '.join(o)}" for grade, o in outputs.items())


def _notes(backend: dict[str, Any], name: str) -> str:
    notes = [f"{name} is unavailable: {backend['reason']}"] if backend["reason"] else []
    for question, count in backend.get("unsupported", {}).items():
        notes.append(f"{name}: {count} cases not asked: {question}")
    if graded := _sums(backend):
        notes.append(f"{name}: sums: {graded}.")
    if followed := summary(backend):
        notes.append(f"{name}: {followed}.")
    if drifts := drift(backend):
        notes.append(f"{name}: {drifts}.")
    for finding in backend["findings"]:
        where = f" Reproduce: python {finding['repro']}" if finding["repro"] else ""
        text = f"{name}: {finding['kind']}: {finding['text']} ({finding['count']} cases)."
        notes.append(text + where)
    return "".join(
        textwrap.fill(
            note, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        + "\n"
        for note in notes
    )
