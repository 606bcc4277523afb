"""The results of one backend from several parts of a session, judged apart: by tests, for one."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, prod
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from bnparity.results.document import Backend
from bnparity.results.figures import Cell, Figures
from bnparity.results.sizes import Sizes, add_sizes, sizes_from_json, sizes_to_json

Part: TypeAlias = Mapping[str, Any]
Key = TypeVar("Key", str, Cell)

#: What is said of the whole if it is true of a part: the first of these that is.
_STATUSES = ("fail", "untrusted", "unavailable", "loose", "pass")


def merged(parts: Sequence[Backend]) -> Backend:
    """Return the results of a backend as if its `parts`, one at least, had been judged together.

    Counts and histograms are added, of extremes the worst is kept, and of findings that are the
    same the one with the smallest case. How a backend sums is inferred from all cases at once, so
    grades are left out.
    """
    # Of the rest, the first that says something: who is unavailable has no version.
    whole = {name: next((p[name] for p in parts if p[name]), parts[0][name]) for name in parts[0]}
    unsupported: Counter[str] = Counter()
    for part in parts:
        unsupported.update(part["unsupported"])
    sizes: Sizes = {}
    for part in parts:
        add_sizes(sizes, sizes_from_json(part.get("sizes", {})))
    cells = _grouped((cell for part in parts for cell in part["cells"]), _place)
    findings: dict[str, list[Part]] = _grouped(
        (f for part in parts for f in part["findings"]), itemgetter("id")
    )
    return {
        **whole,
        "status": min((part["status"] for part in parts), key=_STATUSES.index),
        "cases": sum(part["cases"] for part in parts),
        "checks": sum(part["checks"] for part in parts),
        "seconds": round(sum(part["seconds"] for part in parts), 3),
        "unsupported": dict(unsupported),
        "sizes": sizes_to_json(sizes),
        "outputs": _outputs(parts),
        "cells": [
            {**place._asdict(), "outputs": _outputs(cells[place])} for place in sorted(cells)
        ],
        "findings": [_joined(same) for same in findings.values()],
    }


def _grouped(parts: Iterable[Part], key: Callable[[Part], Key]) -> dict[Key, list[Part]]:
    groups: dict[Key, list[Part]] = {}
    for part in parts:
        groups.setdefault(key(part), []).append(part)
    return groups


def _place(cell: Part) -> Cell:
    return Cell(*(cell[name] for name in Cell._fields))


def _outputs(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the figures of each output of backends, or of cells."""
    wholes: dict[str, Figures] = {}
    for part in parts:
        for output, figures in part["outputs"].items():
            wholes.setdefault(output, Figures()).merge(Figures.from_json(figures))
    return {output: {**w.to_json(), **_loosest(parts, output)} for output, w in wholes.items()}


def _loosest(parts: Sequence[Part], output: str) -> dict[str, Any]:
    """Return the worst of the loose cases that parts keep of an output; nothing without one."""
    figures = [part["outputs"].get(output, {}) for part in parts]
    kept = [found["worst_case"] for found in figures if "worst_case" in found]
    return {"worst_case": max(kept, key=itemgetter("ratio"))} if kept else {}


def _joined(same: Sequence[Part]) -> dict[str, Any]:
    smallest = min(same, key=_size)
    counts = {"count": sum(finding["count"] for finding in same)}
    if all(finding.get("cases") is not None for finding in same):
        counts["cases"] = sum(finding["cases"] for finding in same)
    worst = [found for finding in same if (found := finding.get("worst")) is not None]
    of_all = max(worst, key=lambda found: found["ratio"], default=None)
    return {**smallest, **counts, "worst": of_all}


def _size(finding: Part) -> tuple[float, int]:
    """Return what is least for the finding to show: elements, then axes; at last those of none."""
    if finding["case"] is None:
        return inf, 0
    shape = finding["case"]["shape"]
    return prod(shape), len(shape)
