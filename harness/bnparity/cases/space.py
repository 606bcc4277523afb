"""All cases that may be asked, as menus of which a case is one choice each.

A case is drawn by plain random numbers, which is quick, or by Hypothesis, which can move on from it
and shrink it: both make it from the same choices.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Any

from hypothesis import strategies as st

from bnparity.cases.case import Case
from bnparity.cases.groups import in_groups

#: So many draws that all do not fit end a search for one that does.
_MOST_IN_VAIN = 10_000
#: Larger menus are of numbers of which no one matters more than another.
_MOST_DEALT = 1_000


def _everything(_: Case) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Space:
    """Cases, `made` of one choice from each of the ``menus``, those alone that fit.

    Each menu begins with the plainest choice, the one that a failing case shrinks to. What is
    chosen from the menus whose numbers are in ``program`` a compiler compiles in; if the space is
    ``grouped``, cases in a row share that, and each choice from the menus ``in_turn`` has its turn.
    """

    menus: tuple[Sequence[Any], ...]
    made: Callable[..., Case]
    fits: Callable[[Case], bool] = _everything
    program: Collection[int] = ()
    in_turn: Collection[int] = ()
    grouped: bool = False

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

        What is drawn depends on the seed, the menus and the grouping alone: who takes fewer of the
        cases is asked the same ones.
        """
        seen, in_vain = set[tuple[int, ...]](), 0
        for picks in self._draws(seed):
            case = self.case(picks)
            in_vain += 1
            if picks not in seen and self.fits(case):
                seen.add(picks)
                in_vain = 0
                yield picks, case
            if in_vain == _MOST_IN_VAIN:
                return

    def _draws(self, seed: int) -> Iterator[tuple[int, ...]]:
        rng = Random(seed)  # noqa: S311  # cases are no secrets
        sizes = [len(menu) for menu in self.menus]
        dealt = [_dealt(size, rng) for size in sizes]
        draws = (tuple(map(next, dealt)) for _ in count())
        turns = {menu: sizes[menu] for menu in self.in_turn}
        return in_groups(draws, self.program, turns) if self.grouped else draws

    def strategy(self) -> st.SearchStrategy[Case]:
        """Return a strategy for the cases."""
        return self.picks().map(self.case).filter(self.fits)

    def picks(self, near: Sequence[int] = ()) -> st.SearchStrategy[tuple[int, ...]]:
        """Return a strategy for places in the menus; the cases there need not fit.

        Given a place that they are to be `near`, they have its program.
        """
        free = self._free(near)
        places = (
            st.sampled_from(range(len(menu))) if n in free else st.just(near[n] if near else 0)
            for n, menu in enumerate(self.menus)
        )
        return st.tuples(*places)

    def choices(self, picks: Sequence[int], near: Sequence[int] = ()) -> tuple[int, ...]:
        """Return what Hypothesis chooses where it draws these places."""
        return tuple(picks[n] for n in self._free(near))

    def _free(self, near: Sequence[int]) -> list[int]:
        """Return which menus are drawn from: one choice is none, and not worth a draw."""
        held = self.program if near else ()
        return [n for n, menu in enumerate(self.menus) if len(menu) > 1 and n not in held]


def _dealt(size: int, rng: Random) -> Iterator[int]:
    """Yield the places of a menu, shuffled, again and again: chance leaves none out for long."""
    while size <= _MOST_DEALT:
        yield from rng.sample(range(size), size)
    while True:
        yield int(rng.random() * size)
