"""What a backend keeps from call to call beyond its statistics: a counter, hidden averages.

It stays in the backend's process. A call returns it under the key ``state``, and is given it by the
keyword of that name; outside it goes by a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends.masks import has_parameter


@dataclass(kw_only=True)
class States:
    """The states of the calls of one history, by number; 0 is none, with which a history begins."""

    kept: list[Any] = field(default_factory=lambda: [None])
    takes: bool | None = None  # whether the backend takes one; seen at the first call

    def given(self, backend: object, number: int) -> dict[str, Any]:
        """Return the keyword that hands a state to a backend; nothing for one that takes none."""
        if number == 0:
            self.kept = [None]
        if self.takes is None:
            self.takes = takes_state(backend)
        if not self.takes:
            return {}
        # A process that was started again has none of those before it.
        return {"state": self.kept[number] if number < len(self.kept) else None}

    def keep(self, returned: object) -> int:
        """Keep the state among what a call returned; return its number."""
        state = returned.get("state") if isinstance(returned, Mapping) else None
        if state is None:
            return 0
        self.kept.append(state)
        return len(self.kept) - 1


def takes_state(backend: object) -> bool:
    """Return whether a backend has a parameter ``state``, or says so by `stateful`."""
    return getattr(backend, "stateful", False) is True or has_parameter(backend, "state")
