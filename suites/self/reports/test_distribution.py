from bnparity.judging.verdicts import Check
from bnparity.results.figures import Figures
from bnparity_reports.distribution import HEADINGS, counts
from bnparity_reports.figures import TIGHT


def columns_of(*ratios: float) -> list[str]:
    """Return the headings under which the harness's own figures of some ratios are counted."""
    figures = Figures()
    for ratio in ratios:
        figures.add(
            Check(
                output="output",
                verdict="pass",
                ratio=ratio,
                index=(),
                got=0.0,
                expected=0.0,
                bound=1.0,
                ulp=0.0,
            )
        )
    shown = counts(figures.to_json()["histogram"])
    return [heading for (heading, _), count in zip(HEADINGS, shown, strict=True) if count]


def test_zero_has_its_own_column() -> None:
    """A ratio of exactly 0 is told from one that is merely tiny."""
    assert columns_of(0.0, 1e-300) == ["0", "> 0"]


def test_ratios_stand_under_the_largest_heading_below_them() -> None:
    """A ratio is counted from its column's heading up to the next one's."""
    assert columns_of(0.02, 0.3, 1.0, 7.9, 8.0, 5000.0) == ["1/64", "1/4", "1", "4", "8", "4096"]


def test_unbounded_ratio_is_in_the_last_column() -> None:
    """A ratio without bound is counted like every other."""
    assert columns_of(1.7e308) == ["4096"]


def test_columns_from_the_tight_line_are_marked() -> None:
    """The first column beyond the tight line is the one that begins at it."""
    assert next(heading for heading, beyond in HEADINGS if beyond) == f"{TIGHT:g}"


def test_bin_without_a_number_is_in_no_column() -> None:
    """A key that the schema allows but that is no number does no harm."""
    assert sum(counts({"": 3, "nan": 4, "-1.5": 2})) == 2
