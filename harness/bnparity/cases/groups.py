"""Cases in groups that share what a compiler compiles: it works once for many data."""

from collections.abc import Collection, Iterable, Iterator

#: So many cases in a row share a program. More would leave too few shapes among a few hundred.
GROUP = 6


def in_groups(
    draws: Iterable[tuple[int, ...]], shared: Collection[int]
) -> Iterator[tuple[int, ...]]:
    """Yield draws of places in menus, of which each group shares those in some menus.

    Parameters
    ----------
    draws
        A place in each menu, of one case after the other.
    shared
        The menus whose choice is compiled in, by their numbers: shape, format, mode, eps.

    Examples
    --------
    >>> list(in_groups([(1, 1), (2, 2)], shared=[0]))
    [(1, 1), (1, 2)]
    """
    first: tuple[int, ...] = ()
    for number, picks in enumerate(draws):
        if number % GROUP == 0:
            first = picks
        pairs = zip(first, picks, strict=True)
        yield tuple(one if menu in shared else own for menu, (one, own) in enumerate(pairs))
