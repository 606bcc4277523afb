"""Figures of the results as people read them."""

import sys
from typing import Any

#: The outputs in the order of the columns.
OUTPUTS = ("output", "running_mean", "running_var", "grad_input", "grad_weight", "grad_bias")


def ratio(value: float | None) -> str:
    """Return a ratio in three digits; the largest double stands for an infinite one.

    Examples
    --------
    >>> ratio(0.12345), ratio(14321.0)
    ('0.123', '1.4e+04')
    """
    if value is None:
        return ""
    if value >= sys.float_info.max:
        return "inf"
    return f"{value:.3g}" if value < 1000 else f"{value:.1e}"


def verdict(figures: dict[str, Any] | None) -> str:
    """Return the verdict on an output, from the verdicts of its checks."""
    if figures is None or not figures["checks"]:
        return "not checked"
    verdicts = figures.get("verdicts", {})
    return next((v for v in ("fail", "loose") if verdicts.get(v)), "pass")


def shortest_name(name: str) -> str:
    """Return a backend's name without the folders of its file."""
    path, colon, attribute = name.rpartition(":")
    return f"{path.rsplit('/', 1)[-1]}{colon}{attribute}" if path.endswith(".py") else name
