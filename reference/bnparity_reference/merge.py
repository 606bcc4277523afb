"""What ranks that each hold a part of the batch have to merge: moments forward, sums backward.

Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances"
(1979): the counts, the means and the sums of squares about them are all that is needed. Everything
stays in double-double arithmetic, and in one unit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bnparity_reference.double_double import DoubleDouble, centred, total, total_of_products


@dataclass(frozen=True, kw_only=True)
class RankMoments:
    """How many values a rank holds of each channel, their mean, the squares about it: (C, 1)."""

    count: int
    mean: DoubleDouble
    squares: DoubleDouble


def moments_by_rank(data: DoubleDouble, counts: Sequence[int]) -> list[RankMoments]:
    """Return the moments of each rank's columns of `data` (C, n), `counts` of them."""
    return [_moments(own, count) for own, count in zip(_apart(data, counts), counts, strict=True)]


def merged(parts: Sequence[RankMoments]) -> RankMoments:
    """Return the moments of all values together; ranks without values do not count."""
    filled = [part for part in parts if part.count] or parts[:1]
    n = sum(part.count for part in filled)
    weights = DoubleDouble(np.array([[float(part.count) for part in filled]]))
    means = _joined([part.mean for part in filled])
    mean = total(means * weights).over(n)
    offset = (means - mean).normalized()
    between = total(offset * offset * weights)
    within = total(_joined([part.squares for part in filled]))
    return RankMoments(count=n, mean=mean, squares=within + between)


def totals_by_rank(terms: DoubleDouble, counts: Sequence[int]) -> DoubleDouble:
    """Return the sums (C, R) of each rank's columns of `terms` (C, n), `counts` of them."""
    return _joined([total(own) for own in _apart(terms, counts)])


def products_by_rank(a: DoubleDouble, b: DoubleDouble, counts: Sequence[int]) -> DoubleDouble:
    """Return the sums (C, R) of the products of each rank's columns, `counts` of them."""
    pairs = zip(_apart(a, counts), _apart(b, counts), strict=True)
    return _joined([total_of_products(*own) for own in pairs])


def over_ranks(totals: DoubleDouble) -> DoubleDouble:
    """Return the sums (C, 1) of what the ranks have summed (C, R)."""
    return totals if totals.hi.shape[1] == 1 else total(totals)


def _moments(data: DoubleDouble, count: int) -> RankMoments:
    mean = total(data).over(count)
    rest = centred(data, mean)
    return RankMoments(count=count, mean=mean, squares=total_of_products(rest, rest))


def _apart(rows: DoubleDouble, counts: Sequence[int]) -> Iterator[DoubleDouble]:
    """Yield each rank's columns; `rows` themselves where a rank has all."""
    if len(counts) == 1:
        yield rows
        return
    ends = np.cumsum(counts).tolist()
    for count, end in zip(counts, ends, strict=True):
        own = slice(end - count, end)
        yield DoubleDouble(rows.hi[:, own], None if rows.lo is None else rows.lo[:, own])


def _joined(parts: Sequence[DoubleDouble]) -> DoubleDouble:
    """Return columns side by side."""
    if len(parts) == 1:
        return parts[0]
    lows = [np.zeros_like(part.hi) if part.lo is None else part.lo for part in parts]
    return DoubleDouble(np.hstack([part.hi for part in parts]), np.hstack(lows))
