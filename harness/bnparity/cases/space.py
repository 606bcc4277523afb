"""All cases that may be asked, as menus of which a case is one choice each.

A case is drawn by plain random numbers, which is quick, or by Hypothesis, which can move on from it
and shrink it: both make it from the same choices.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from bnparity.cases.case import Case

#: So many draws that all do not fit end a search for one that does.
_MOST_IN_VAIN = 10_000


def _everything(_: Case) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Space:
    """Cases, `made` of one choice from each of the ``menus``, those alone that fit.

    Each menu begins with the plainest choice, the one that a failing case shrinks to.
    """

    menus: tuple[Sequence[Any], ...]
    made: Callable[..., Case]
    fits: Callable[[Case], bool] = _everything

    def case(self, picks: Sequence[int]) -> Case:
        """Return the case of these places in the menus."""
        return self.made(*(menu[pick] for menu, pick in zip(self.menus, picks, strict=True)))

    def within(self, fits: Callable[[Case], bool], as_asked: Callable[[Case], Case]) -> "Space":
        """Return the cases that fit besides, each changed to what is asked then."""
        return replace(
            self,
            made=lambda *choices: as_asked(self.made(*choices)),
            fits=lambda case: self.fits(case) and fits(case),
        )

    def drawn(self, seed: int) -> Iterator[tuple[tuple[int, ...], Case]]:
        """Draw cases that differ, each with its places in the menus, until there are no others.

        What is drawn depends on the seed and the menus alone: who takes fewer of the cases is asked
        the same ones.
        """
        rng = Random(seed)  # noqa: S311  # cases are no secrets
        sizes, seen = [len(menu) for menu in self.menus], set[tuple[int, ...]]()
        in_vain = 0
        while in_vain < _MOST_IN_VAIN:
            picks = tuple(int(rng.random() * size) for size in sizes)
            case = self.case(picks)
            in_vain += 1
            if picks not in seen and self.fits(case):
                seen.add(picks)
                in_vain = 0
                yield picks, case

    def strategy(self) -> st.SearchStrategy[Case]:
        """Return a strategy for the cases."""
        return self.picks().map(self.case).filter(self.fits)

    def picks(self) -> st.SearchStrategy[tuple[int, ...]]:
        """Return a strategy for places in the menus; the cases there need not fit."""
        # One choice is none, and not worth a draw.
        places = (st.sampled_from(range(len(m))) if len(m) > 1 else st.just(0) for m in self.menus)
        return st.tuples(*places)

    def choices(self, picks: Sequence[int]) -> tuple[int, ...]:
        """Return what Hypothesis chooses where it draws these places."""
        return tuple(p for p, menu in zip(picks, self.menus, strict=True) if len(menu) > 1)
