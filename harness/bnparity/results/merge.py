"""The results of one backend from several parts of a session, judged apart: by tests, for one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

from bnparity.results.figures import Figures, from_edges

#: A backend as the schema of results has it.
Backend: TypeAlias = dict[str, Any]

#: What is said of the whole if it is true of a part: the first of these that is.
_STATUSES = ("fail", "untrusted", "unavailable", "loose", "pass")
_CELL = ("mode", "dtype", "layout", "rank")


def merged(parts: Sequence[Backend]) -> Backend:
    """Return the results of a backend as if its `parts`, one at least, had been judged together.

    Counts and histograms are added, of extremes the worst is kept, and of findings that are the
    same the one with the smallest case. How a backend sums is inferred from all cases at once, so
    grades are left out.
    """
    whole = {name: _first([part[name] for part in parts]) for name in parts[0]}
    return {
        **whole,
        "status": min((part["status"] for part in parts), key=_STATUSES.index),
        "cases": sum(part["cases"] for part in parts),
        "checks": sum(part["checks"] for part in parts),
        "seconds": round(sum(part["seconds"] for part in parts), 3),
        "unsupported": _sum(part["unsupported"] for part in parts),
        "outputs": _outputs([part["outputs"] for part in parts]),
        "cells": _cells([cell for part in parts for cell in part["cells"]]),
        "findings": _findings([finding for part in parts for finding in part["findings"]]),
    }


def _first(values: Sequence[Any]) -> Any:
    """Return the first value that says something: who is unavailable has no version."""
    return next((value for value in values if value), values[0])


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


def _outputs(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: _figures([part[name] for part in parts if name in part]) for name in names}


def _figures(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    whole = Figures(
        worst_ratio=max(part["worst_ratio"] for part in parts),
        max_ulp=max(part["max_ulp"] for part in parts),
    )
    for part in parts:
        whole.verdicts.update(part["verdicts"])
        whole.bins.update(from_edges(part["histogram"]))
        whole.failed.update(from_edges(part.get("failed", {})))
    return whole.to_json()


def _cells(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for cell in cells:
        groups.setdefault(tuple(cell[key] for key in _CELL), []).append(cell["outputs"])
    return [
        {**dict(zip(_CELL, place, strict=True)), "outputs": _outputs(groups[place])}
        for place in sorted(groups)
    ]


def _findings(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        groups.setdefault(finding["id"], []).append(finding)
    return [_joined(same) for same in groups.values()]


def _joined(same: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    smallest = min(same, key=_size)
    return {**smallest, "count": sum(finding["count"] for finding in same)}


def _size(finding: Mapping[str, Any]) -> tuple[float, int]:
    """Return what is least for the finding to show: elements, then axes; at last those of none."""
    if finding["case"] is None:
        return float("inf"), 0
    shape = finding["case"]["shape"]
    return prod(shape), len(shape)
