"""Cells are folded where there are too many, and of what is folded the worst is kept."""

from typing import Any

from bnparity_reports.cells import axes_of, folded

Document = dict[str, Any]


def cells(figures: Document) -> list[Document]:
    """Return cells of two layouts and two ranks, one of which fails."""
    bad = {**figures, "worst_ratio": 90.0, "verdicts": {"fail": 1}}
    return [
        {"mode": "training", "dtype": "float32", "layout": layout, "rank": rank,
         "outputs": {"output": bad if (layout, rank) == ("b", 3) else figures}}
        for layout in "ab"
        for rank in (2, 3)
    ]  # fmt: skip


def test_cells_that_fit_stay_as_they_are(figures: Document) -> None:
    """Nothing is folded without need."""
    four = cells(figures)
    axes = axes_of([{"cells": four}], most=4)
    assert axes == ("mode", "dtype", "layout", "rank")
    assert folded(four, axes) == four


def test_rank_is_folded_first(figures: Document) -> None:
    """Of all axes, ranks tell least."""
    four = cells(figures)
    axes = axes_of([{"cells": four}], most=3)
    assert axes == ("mode", "dtype", "layout")
    assert [cell["layout"] for cell in folded(four, axes)] == ["a", "b"]


def test_worst_of_what_is_folded_is_kept(figures: Document) -> None:
    """A failure does not disappear among passes."""
    (cell,) = folded(cells(figures), ("mode", "dtype"))
    output = cell["outputs"]["output"]
    assert output["worst_ratio"] == 90.0
    assert output["verdicts"] == {"pass": 12, "fail": 1}
    assert output["checks"] == 16


def test_mode_and_dtype_are_never_folded(figures: Document) -> None:
    """Filters go by them."""
    assert axes_of([{"cells": cells(figures)}], most=0) == ("mode", "dtype")
