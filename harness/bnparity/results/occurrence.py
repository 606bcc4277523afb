"""How a failure shows over a session: how often, where, at its worst, and whether each time."""

from dataclasses import dataclass
from typing import Any

from bnparity.cases import Case


@dataclass(frozen=True, kw_only=True)
class Worst:
    """A failing case, and its ratio."""

    ratio: float
    case: Case

    def to_json(self) -> dict[str, Any]:
        """Return it as results have it."""
        return {"ratio": self.ratio, "case": self.case.to_json()}


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """How a failure shows over a session, beside its smallest case.

    Parameters
    ----------
    count, cases
        How many cases showed it, of how many.
    shared
        A setting that every one of these has, and no other case; None if none is certain.
    worst
        The failing case with the largest ratio.
    again
        What the deciding element was, and what it was when the same call was made again; None if
        that was the same.
    always_zero
        Whether the output was 0 wherever it failed.
    """

    count: int
    cases: int | None = None
    shared: str | None = None
    worst: Worst | None = None
    again: tuple[str, str] | None = None
    always_zero: bool = False
