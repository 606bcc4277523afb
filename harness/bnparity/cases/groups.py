"""Cases in groups that share what a compiler compiles: it works once for many data."""

from collections.abc import Collection, Iterable, Iterator, Mapping

#: So many cases in a row share a program. More would leave too few shapes among a few hundred.
GROUP = 6


def in_groups(
    draws: Iterable[tuple[int, ...]], shared: Collection[int], turns: Mapping[int, int]
) -> Iterator[tuple[int, ...]]:
    """Yield draws of places in menus, of which each group shares those in some menus.

    Parameters
    ----------
    draws
        A place in each menu, of one case after the other.
    shared
        The menus whose choice is compiled in, by their numbers: shape, format, mode, eps.
    turns
        Of those the menus of which each choice has its turn, and their sizes: among a few groups
        some choices would be left out by chance.

    Examples
    --------
    >>> list(in_groups([(1, 1), (2, 2)], shared=[0], turns={}))
    [(1, 1), (1, 2)]
    """
    first: tuple[int, ...] = ()
    for number, picks in enumerate(draws):
        if number % GROUP == 0:
            turn = number // GROUP
            first = tuple(turn % turns[m] if m in turns else pick for m, pick in enumerate(picks))
        pairs = zip(first, picks, strict=True)
        yield tuple(one if menu in shared else own for menu, (one, own) in enumerate(pairs))
