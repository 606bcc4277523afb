"""A verdict as a notebook shows it: a sentence, a table of the outputs, and the findings."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from bnparity.judging import ratio_text


def html(backend: Mapping[str, Any]) -> str:
    """Return a backend of results as HTML; all that comes from it is escaped."""
    return "\n".join(_lines(backend))


def _lines(backend: Mapping[str, Any]) -> Iterator[str]:
    said = backend["reason"] or f"{backend['cases']} cases, dialect {backend['dialect']}"
    name, status = escape(backend["name"]), escape(backend["status"])
    yield f"<p><strong>{name}: {status}</strong> ({escape(said)})</p>"
    if backend["outputs"]:
        yield "<table><tr><th>output</th><th>verdict</th><th>worst error / bound</th></tr>"
        for output, figures in backend["outputs"].items():
            row = (output, _verdict(figures["verdicts"]), ratio_text(figures["worst_ratio"]))
            yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        yield "</table>"
    if backend["findings"]:
        told = [f"{f['kind']}: {f['text']} ({f['count']} cases)" for f in backend["findings"]]
        yield f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in told)}</ul>"


def _verdict(verdicts: Mapping[str, int]) -> str:
    """Return the worst verdict that an output had."""
    return next((word for word in ("fail", "loose", "pass") if verdicts.get(word)), "")
