"""What two runs say differently, as a page with before and after side by side."""

from bnparity_reports.changes import DIRECTIONS, FACTS, remedy, summary
from bnparity_reports.figures import TEXT, counted, shortened
from bnparity_reports.html import page, writable
from bnparity_reports.sections import plain
from bnparity_reports.view import View


def render(diff: View) -> str:
    """Return the document that ``bnparity diff --json`` writes as an HTML page."""
    return page("differences.html.j2", view(writable(diff)))


def view(diff: View) -> View:
    """Return everything that the template shows of the differences."""
    return {
        "title": summary(diff),
        "remedy": remedy(diff),
        "blocks": [
            {"heading": heading, "direction": direction, "rows": rows, "count": _counted(rows)}
            for direction, heading in DIRECTIONS.items()
            if (rows := [_row(c) for c in diff["changes"] if c["direction"] == direction])
        ],
        "facts": [
            (key, plain(diff["old"].get(key, "")), plain(diff["new"].get(key, "")))
            for key in dict.fromkeys([*FACTS, *diff["old"], *diff["new"]])
        ],
    }


def _row(change: View) -> View:
    keys = ("backend", "subject", "where", "old", "new", "note")
    return {key: shortened(change[key], TEXT) for key in keys}


def _counted(rows: list[View]) -> str:
    return counted(len(rows), "difference")
