"""The report writers that installed distributions offer, found by entry point.

The harness imports no report: the arrows point from the reports to the harness.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from bnparity.backends import UsageError


def writer(name: str) -> Callable[[dict[str, Any]], str]:
    """Return the function that renders results as `name`, ``"html"`` or ``"text"``.

    Raises
    ------
    UsageError
        If no installed distribution offers it.
    """
    for point in entry_points(group="bnparity.reports", name=name):
        render: Callable[[dict[str, Any]], str] = point.load()
        return render
    raise UsageError(f"no report writer {name!r} is installed: reinstall bnparity")
