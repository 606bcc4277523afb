"""What a page can be narrowed to is what is on it."""

from typing import Any

from bnparity_reports.filters import token
from bnparity_reports.html import view

Document = dict[str, Any]


def choices(results: Document) -> dict[str, list[str]]:
    """Return the values of each filter."""
    return {f["name"]: [value for value, _ in f["choices"]] for f in view(results)["filters"]}


def test_choices_are_those_of_cells_and_findings(results: Document, finding: Document) -> None:
    """A mode or dtype that only a finding has can be chosen too."""
    case = {"training": False, "tracked": False, "dtype": "float16", "param_dtype": "float32"}
    results["backends"][0]["findings"] = [{**finding, "case": case}]
    found = choices(results)
    assert found["dtype"] == ["float16-float32", "float32"]
    assert found["mode"] == ["inference-untracked", "training"]
    assert found["backend"] == ["backend-numpy"]


def test_every_verdict_can_be_chosen(results: Document) -> None:
    """Those of outputs, and those of backends."""
    assert choices(results)["verdict"][:3] == ["fail", "loose", "pass"]


def test_value_is_one_word(results: Document) -> None:
    """An attribute has values apart by blanks: a choice with one would be two."""
    results["backends"][0]["cells"][0].update(mode="a b\tc", dtype="\u05e9")
    values = [value for found in choices(results).values() for value in found]
    assert not [value for value in values if " " in value or not value]
    assert token("\u05e9") == "other"
