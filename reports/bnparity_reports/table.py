"""The results as text for a terminal: one table, then each finding in a paragraph."""

import io
import textwrap
from typing import Any

from rich.console import Console
from rich.table import Table

from bnparity_reports.figures import OUTPUTS, ratio, shortest_name

_WIDTH = 132


def render(results: dict[str, Any]) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as plain text."""
    table = Table(title="worst ratio of error to bound, per output", title_justify="left")
    for heading in ("backend", "version", "dialect"):
        table.add_column(heading)
    for heading in ("cases", "checks", *(output.replace("_", "\n") for output in OUTPUTS)):
        table.add_column(heading, justify="right")
    table.add_column("status")
    for backend in results["backends"]:
        table.add_row(*_row(backend))
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, markup=False)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    return text + "".join(_notes(backend) for backend in results["backends"])


def _row(backend: dict[str, Any]) -> list[str]:
    outputs = backend["outputs"]
    worst = [ratio(outputs[o]["worst_ratio"]) if o in outputs else "-" for o in OUTPUTS]
    counts = [str(backend["cases"]), str(backend["checks"])]
    name = shortest_name(backend["name"])
    return [name, backend["version"], backend["dialect"], *counts, *worst, backend["status"]]


def _notes(backend: dict[str, Any]) -> str:
    name = shortest_name(backend["name"])
    notes = [f"{name} is unavailable: {backend['reason']}"] if backend["reason"] else []
    for question, count in backend.get("unsupported", {}).items():
        notes.append(f"{name}: {count} cases not asked: {question}")
    for finding in backend["findings"]:
        cause = f" {', '.join(finding['codes'])}." if finding["codes"] else ""
        where = f" Replay: {finding['repro']}" if finding["repro"] else ""
        text = f"{name}: {finding['kind']}.{cause} {finding['text']} ({finding['count']} cases)."
        notes.append(text + where)
    return "".join(
        textwrap.fill(note, _WIDTH, subsequent_indent="  ", break_long_words=False) + "\n"
        for note in notes
    )
