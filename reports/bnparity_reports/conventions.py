"""Conventions of every backend side by side: declared, documented, measured."""

from collections.abc import Sequence

from bnparity_reports.figures import counted, shortened
from bnparity_reports.view import View


def conventions(named: Sequence[tuple[View, str]]) -> View:
    """Return tables with a row for each convention and a column for each backend.

    In those of ``differing`` two backends declare different values, or one does not follow its
    own; those of ``agreed`` are the rest.

    Parameters
    ----------
    named
        Backends, as in the results, and what to call them; those without conventions have no
        column.
    """
    shown = [(place, backend) for place, (backend, _) in enumerate(named) if _rows(backend)]
    fields = dict.fromkeys(row["field"] for _, backend in shown for row in _rows(backend))
    table = [
        {"field": field, "cells": [_cell(backend, field) for _, backend in shown]}
        for field in fields
    ]
    return {
        "places": [place for place, _ in shown],
        "differing": [row for row in table if not _agreed(row["cells"])],
        "agreed": [row for row in table if _agreed(row["cells"])],
    }


def _agreed(cells: Sequence[View]) -> bool:
    """Return whether every backend that has a convention follows it, and all the same value."""
    declared = {cell["declared"] for cell in cells if cell["measured"]}
    return len(declared) == 1 and not any(cell["differs"] for cell in cells)


_UNKNOWN = {"differs": False, "follows": False}


def _rows(backend: View) -> list[View]:
    found: list[View] = backend.get("conventions", [])
    return found


def _cell(backend: View, field: str) -> View:
    rows = [row for row in _rows(backend) if row["field"] == field]
    if not rows:
        return {**dict.fromkeys(("declared", "documented"), ""), "measured": [], **_UNKNOWN}
    return {
        "declared": shortened(rows[0]["declared"]),
        "measured": [_measured(row) for row in rows],
        "documented": _documented(backend, rows[0]["claims"]),
        "differs": any(row["value"] != row["declared"] for row in rows),
        "follows": all(row["value"] == row["declared"] and row["certain"] for row in rows),
    }


def _measured(row: View) -> str:
    differs = row["value"] != row["declared"]
    if not row["certain"]:
        text = f"{shortened(row['value'])}, perhaps" if differs else "not seen"
    else:
        text = shortened(row["value"])
    return f"{text} in {', '.join(map(shortened, row['outputs']))}" if row["outputs"] else text


def _documented(backend: View, ids: Sequence[str]) -> str:
    """Return how many of the claims about a convention hold, in words; nothing without any."""
    verdicts = [c["verdict"] for c in backend.get("claims", []) if c["id"] in set(ids)]
    measured = [verdict for verdict in verdicts if verdict != "not checked"]
    if not measured:
        return "not checked" if verdicts else ""
    return f"{measured.count('holds')} of {counted(len(measured), 'claim')} hold"
