"""What a backend may take before its worker is stopped."""

import os
from dataclasses import dataclass, field

from bnparity.backends.call import Fault

#: How many times as long a call may take that is asked again, and one that compiles first.
LONGER, COMPILING = 2, 6
#: What there is instead of a reply once the time of a backend is over: no fault of its own.
LATE = Fault(kind="unsupported", text="its time was over")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a backend may take before it is stopped.

    One call takes up to ``seconds``, its process holds up to ``memory`` bytes (``RLIMIT_DATA``,
    and what it shares; half of the machine's), and it is started again up to ``restarts`` times.
    """

    seconds: float = 10.0
    memory: int = field(
        default_factory=lambda: os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    )
    restarts: int = 100

    def of_call(self, compiles: str) -> float:
        """Return the seconds of a call, of a backend that compiles for each shape or does not."""
        return self.seconds * (COMPILING if compiles else 1)
