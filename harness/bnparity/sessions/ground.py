"""Where a search need not climb again: what is known to be loose is no news.

Without this a backend that adds one value after the other draws half of all climbing cases to that
one weakness, and nothing is learnt of its other outputs, sizes and layouts.
"""

from collections import Counter
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from bnparity.cases import Case
from bnparity.judging import CaseResult, Check

#: A climb stays at the size that it begins at: from so many elements on it would take all the time.
CLIMBABLE = 2**14
#: Loose checks of an output that are enough in one place, and in all.
IN_A_PLACE, IN_ALL = 4, 24


class Place(NamedTuple):
    """An output, how its data lie, and the power of two below their values a channel."""

    output: str
    layout: str
    size: int


@dataclass(kw_only=True)
class Ground:
    """How often each output has been loose, here and in all."""

    places: Counter[Place] = field(default_factory=Counter)
    outputs: Counter[str] = field(default_factory=Counter)

    def height(self, case_result: CaseResult) -> float | None:
        """Return the largest ratio that is worth climbing to, and note what is loose.

        None where every output is known to be loose, and where the data are large.
        """
        news = [
            check.ratio for check in case_result.checks if self._is_news(check, case_result.case)
        ]
        return max(news, default=None) if prod(case_result.case.shape) < CLIMBABLE else None

    def _is_news(self, check: Check, case: Case) -> bool:
        place = Place(check.output, case.layout, case.values_per_channel.bit_length())
        if check.verdict == "loose":
            self.places[place] += 1
            self.outputs[check.output] += 1
        return self.places[place] <= IN_A_PLACE and self.outputs[check.output] <= IN_ALL
