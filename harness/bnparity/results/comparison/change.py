"""One difference between two runs, and all of them as a document that reports render."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Direction: TypeAlias = Literal["regressed", "mended", "changed"]

SCHEMA = "bnparity-diff/1"


@dataclass(frozen=True)
class Change:
    """One difference between two runs.

    Parameters
    ----------
    direction
        ``changed`` where neither run is the better one, or where noise could account for it.
    backend
        Its name in the new run, or in the old one if only that has it: `compare` fills it in.
    subject
        What differs: ``backend``, ``version``, ``status``, ``finding``, ``ratios``, ``sums``, ...
    where
        Outputs concerned, with the format of the data; or the id of a claim.
    old, new
        What each run says; empty where it says nothing.
    note
        What there is to know beside that, such as the text of a finding.
    finding
        The id of the finding in the new run that it tells of; empty if it tells of none.
    """

    direction: Direction
    backend: str = field(default="", kw_only=True)
    subject: str
    where: str = ""
    old: str = ""
    new: str = ""
    note: str = ""
    finding: str = field(default="", kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything that two runs say differently, by backend in the order of the new one.

    ``old`` and ``new`` are the ``run`` of their documents: when, where and with what they were
    made. A ``baseline`` is what is known, and what has to be there. ``standing`` is how many
    findings of the new run the old one has too.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    changes: tuple[Change, ...]
    baseline: bool = False
    standing: int = 0

    @property
    def regressed(self) -> tuple[Change, ...]:
        """The changes for the worse."""
        return tuple(change for change in self.changes if change.direction == "regressed")

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON, of the schema ``bnparity-diff/1``."""
        return {
            "schema": SCHEMA,
            "baseline": self.baseline,
            "standing": self.standing,
            "old": dict(self.old),
            "new": dict(self.new),
            "changes": [asdict(change) for change in self.changes],
        }
