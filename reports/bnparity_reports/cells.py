"""Cells in as few rows as a page has room for: of what is folded, the worst is kept."""

from collections.abc import Iterable, Sequence
from typing import Any

from bnparity_reports.view import View

#: The rows of all backends together; as many take up about half a megabyte.
MOST_ROWS = 1500

#: What cells are by; the last is folded first.
AXES = ("mode", "dtype", "layout", "rank")

#: Verdicts on checks are added, of these the worst is kept.
_WORST = ("worst_ratio", "max_ulp")


def axes_of(backends: Sequence[View], most: int = MOST_ROWS) -> tuple[str, ...]:
    """Return the axes that cells can be told apart by in `most` rows; mode and dtype always."""
    axes: tuple[str, ...] = AXES
    while len(axes) > 2 and sum(len(_places(b["cells"], axes)) for b in backends) > most:
        axes = axes[:-1]
    return axes


def folded(cells: Iterable[View], axes: Sequence[str]) -> list[View]:
    """Return the cells by `axes` alone, those that differ in other axes as one."""
    kept = list(cells)
    if tuple(axes) == AXES:
        return kept
    groups: dict[tuple[Any, ...], list[View]] = {}
    for cell in kept:
        groups.setdefault(_place(cell, axes), []).append(cell["outputs"])
    empty = dict.fromkeys(AXES)
    return [
        {**empty, **dict(zip(axes, place, strict=True)), "outputs": _joined(parts)}
        for place, parts in groups.items()
    ]


def _joined(parts: Sequence[View]) -> View:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: _figures([part[name] for part in parts if name in part]) for name in names}


def _figures(parts: Sequence[View]) -> View:
    verdicts: dict[str, int] = {}
    for part in parts:
        for word, count in part.get("verdicts", {}).items():
            verdicts[word] = verdicts.get(word, 0) + count
    worst = {key: max(part[key] for part in parts) for key in _WORST}
    return {"checks": sum(part["checks"] for part in parts), **worst, "verdicts": verdicts}


def _places(cells: Iterable[View], axes: Sequence[str]) -> set[tuple[Any, ...]]:
    return {_place(cell, axes) for cell in cells}


def _place(cell: View, axes: Sequence[str]) -> tuple[Any, ...]:
    return tuple(cell[axis] for axis in axes)
