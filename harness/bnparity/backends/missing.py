"""What cannot be asked here, and why: its framework is not installed, or its device not there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A backend that cannot be asked; its ``variants`` are told all the same."""

    reason: str
    variants: Mapping[str, Any] = field(default_factory=dict)

    def probe(self) -> dict[str, str]:
        """Return why it cannot be asked."""
        return {"reason": self.reason}
