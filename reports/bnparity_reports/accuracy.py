"""What the page shows of errors over n, over conditioning and over steps, drawn and in numbers."""

from collections.abc import Sequence

from bnparity_reports.charts.lines import drift_chart, growth_chart
from bnparity_reports.growth import (
    drawn,
    drifts,
    growth,
    over_conditioning,
    over_n,
    steps,
    table,
)
from bnparity_reports.view import View


def accuracy(named: Sequence[tuple[View, str]]) -> View:
    """Return the charts of all backends together, each with its numbers.

    Parameters
    ----------
    named
        Backends, as in the results, and what to call them.
    """
    points = growth(named)
    shown, left_out = drawn(steps(named), "ulp")
    return {
        "growth": [
            _figure(over_n(points), "n", "values per channel, n"),
            _figure(over_conditioning(points), "conditioning", "conditioning, mean / std"),
        ],
        "drift": {"chart": drift_chart(shown), "left_out": left_out, "rows": list(drifts(named))},
    }


def _figure(points: Sequence[View], over: str, label: str) -> View:
    shown, left_out = drawn(points, "error")
    chart = growth_chart(shown, over, label)
    return {"chart": chart, "label": label, "left_out": left_out, "table": table(points, over)}
