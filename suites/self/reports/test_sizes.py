"""The page says which sizes were reached."""

from bnparity_reports.sections import sizes


def test_largest_powers_are_told() -> None:
    """Of each of what has a size; what is no number says nothing."""
    counted = {"batch": {"2": 7, "16": 1, "x": 1}, "item": {"65536": 1}, "plane": {}}
    assert sizes({"sizes": counted}) == "batch up to 16 and above, item up to 65,536 and above"


def test_results_of_an_earlier_version_say_nothing() -> None:
    """They have no sizes."""
    assert sizes({}) == ""
