"""The table of what each framework's BatchNorm does, measured in one place: Markdown and a page."""

import json
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

from bnparity_reports.view import View

Table: TypeAlias = list[list[str]]

_INTRODUCTION = (
    "Each was judged on one core of a CPU against a float64 oracle, by what its framework says it "
    "computes. All were asked {examples} cases in {minutes} minutes at most: what one refuses is "
    "not counted, and of slow compilers some cases were left. `make zoo` makes this; `findings` "
    "has deviations, each with the script that shows it."
)
_STATUSES = ("pass", "loose", "fail", "untrusted")
_STYLE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:0}"
    "main{max-width:80rem;margin:auto;padding:1.5rem}.scroll{overflow-x:auto}"
    "table{border-collapse:collapse}td,th{padding:.25em .75em;text-align:left;vertical-align:top;"
    "border-bottom:1px solid color-mix(in srgb,CanvasText 15%,Canvas)}"
    "th[scope=row]{font-weight:400;white-space:nowrap}"
    "span{padding:.1em .5em;border-radius:.25em;font-weight:600;color:#111}"
    ".pass{background:#cdeccd}.loose{background:#fbe7b2}.fail{background:#fbd0d0}"
    ".untrusted{background:#ddd}"
)
_HEADS = (
    *("backend", "version", "verdict", "what it does otherwise"),
    *("cases", "seconds", "of them compiling", "judged"),
)
_EDGES = (
    *("empty batch", "one value", "NaN in one channel", "no variance"),
    *("eps below 0", "eps above 1", "mean/std survived"),
    *("parameters in float64", "parameters of two axes", "statistics of no size"),
)


def render_markdown(zoo: View) -> str:
    """Return the tables as Markdown."""
    blocks = ["# The zoo", _introduction(zoo)]
    for title, table in _tables(zoo):
        rows = ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in table]
        rows.insert(1, "|" + " --- |" * len(table[0]))
        blocks += [f"## {title}", "\n".join(rows)]
    return "\n\n".join(blocks) + "\n"


def render_html(zoo: View) -> str:
    """Return the tables as a page that needs nothing else."""
    body = "".join(f"<h2>{escape(title)}</h2>{_html(table)}" for title, table in _tables(zoo))
    about = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html><html lang="en"><head>{about}<title>The zoo</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>The zoo</h1>"
        f"<p>{escape(_introduction(zoo).replace('`', ''))}</p>{body}</main></body></html>\n"
    )


def _introduction(zoo: View) -> str:
    return _INTRODUCTION.format(examples=zoo["examples"], minutes=zoo["minutes"])


def _html(table: Table) -> str:
    head, *rows = table
    lines = ["".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)]
    lines += [_line(row) for row in rows]
    whole = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll" tabindex="0"><table>{whole}</table></div>'


def _line(row: Sequence[str]) -> str:
    name, *cells = row
    shown = (_cell(cell) for cell in cells)
    return f'<th scope="row">{escape(name)}</th>' + "".join(f"<td>{cell}</td>" for cell in shown)


def _cell(text: str) -> str:
    badge = f'<span class="{text}">{text}</span>'
    return badge if text in _STATUSES else escape(text)


def _plain(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<", "\\<").replace("\n", " ")


def _tables(zoo: View) -> Iterator[tuple[str, Table]]:
    backends = zoo["backends"]
    yield "Verdicts", [[*_HEADS], *map(_row, backends)]
    yield "Conventions: as measured, or else as declared", _conventions(backends)
    yield "Worst error / bound in each format (accurate: up to 4)", _accuracy(backends)
    edges = [[b["name"], *(b["edges"].get(edge, "") for edge in _EDGES)] for b in backends]
    yield "At the edges, in float32 training", [["backend", *_EDGES], *edges]
    yield "Refused, or not asked", [["backend", "what", "why"], *_refused(backends)]
    yield "Findings", [["backend", "kind", "what"], *_findings(backends)]


def _row(backend: View) -> list[str]:
    name, version, status = (str(backend[key]) for key in ("name", "version", "status"))
    told = dict.fromkeys(word for finding in backend["findings"] for word in _words(finding))
    compiling = backend["compile_seconds"]
    took = [f"{backend['seconds']:.0f}", f"{compiling:.0f}" if compiling else ""]
    return [
        *(name, version, status, ", ".join(told)),
        *(str(backend["cases"]), *took, backend["created"][:10]),
    ]


def _words(finding: View) -> Sequence[str]:
    """Return the codes of a finding; of one without any, what it is."""
    of_values = finding["kind"] in ("semantics", "accuracy")
    codes: Sequence[str] = finding["codes"]
    return codes or ["values that no convention explains" if of_values else finding["kind"]]


def _conventions(backends: Sequence[View]) -> Table:
    """Return a column for each convention on which two of them differ."""
    fields = dict.fromkeys(field for b in backends for field in b["conventions"])
    values = {f: {str(b["conventions"].get(f, "")) for b in backends} - {""} for f in fields}
    differing = [f for f, found in values.items() if len(found) > 1]
    rows = [[b["name"], *(str(b["conventions"].get(f, "")) for f in differing)] for b in backends]
    return [["backend", *differing], *rows]


def _accuracy(backends: Sequence[View]) -> Table:
    formats = sorted({dtype for b in backends for dtype in b["accuracy"]})
    rows = [[b["name"], *(b["accuracy"].get(f, "") for f in formats)] for b in backends]
    return [["backend", *formats], *rows]


def _refused(backends: Sequence[View]) -> Iterator[list[str]]:
    for backend in backends:
        for what, why in backend["not_asked"].items():
            yield [backend["name"], what, str(why)]
        for why, count in backend["unsupported"].items():
            yield [backend["name"], f"{count} cases", str(why)]


def _findings(backends: Sequence[View]) -> Iterator[list[str]]:
    for backend in backends:
        for finding in backend["findings"]:
            yield [backend["name"], finding["kind"], finding["text"]]


def main() -> None:
    """Write the page and the Markdown beside the file that is named."""
    path = Path(sys.argv[1])
    zoo = json.loads(path.read_text(encoding="utf-8"))
    path.with_name("README.md").write_text(render_markdown(zoo), encoding="utf-8")
    path.with_name("zoo.html").write_text(render_html(zoo), encoding="utf-8")


if __name__ == "__main__":
    main()
