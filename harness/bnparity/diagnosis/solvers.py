"""Numbers that a backend uses whatever is asked, read off what it returned.

Of each failure one element says the number best; where those of several failures agree within what
rounding leaves uncertain, it is worth a try, as the shortest decimal number that they allow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact
from bnparity_reference.rows import to_rows
from numpy.typing import NDArray

from bnparity.backends import format_of
from bnparity.judging import CaseResult, expected

Array: TypeAlias = NDArray[np.float64]

#: How many failures are read.
MOST_READ = 32
#: How many say how far off the number may be, once it is known.
MOST_READ_AGAIN = 128
#: How much of a number may be lost before it says nothing.
LARGEST_LOSS = 0.1
#: By how many unit roundoffs of its terms an ordinary result is off.
ROUNDINGS = 16.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A number, and how far it may be off."""

    value: float
    uncertainty: float


def constant_momentum(evidence: Sequence[CaseResult], dialect: Dialect) -> list[float]:
    """Return the momentum that explains the running means of `evidence`, if there is one.

    Examples
    --------
    >>> constant_momentum((), Dialect())
    []
    """
    share = agreed(_all_shares(evidence[:MOST_READ], dialect))
    if not share:  # without a share nothing moves, which has a name of its own
        return []
    momentum = share if dialect.momentum == "new" else shortest(1.0 - share, 1e-12)
    return [momentum] if 0.0 <= momentum <= 1.0 else []


def constant_eps(evidence: Sequence[CaseResult], dialect: Dialect) -> list[float]:
    """Return numbers that may be the eps of `evidence`: added under the root, or behind it.

    The variance may be the biased or the unbiased one in either. Or it is the eps of the inverse
    deviations that running variances take in.
    """
    evidence = evidence[:MOST_READ]
    groups = [*_all_epsilons(evidence, dialect), _all_stored(evidence, dialect)]
    found = {agreed(readings) for readings in groups}
    return sorted(value for value in found if value and value > 0.0)  # below 0 it is lost digits


def uncertainty_of(
    field: str, value: float, evidence: Sequence[CaseResult], dialect: Dialect
) -> float | None:
    """Return how far off a solved number may be: by as much as what was read best leaves open.

    None if nothing that was read says it.
    """
    evidence = evidence[:MOST_READ_AGAIN]
    if field == "momentum_value":
        readings = _all_shares(evidence, dialect)
        value = value if dialect.momentum == "new" else 1.0 - value
    else:
        readings = [r for found in _all_epsilons(evidence, dialect) for r in found]
        readings += _all_stored(evidence, dialect)
    near = [r.uncertainty for r in readings if abs(r.value - value) <= 2.0 * r.uncertainty]
    return min(near, default=None)


def agreed(readings: Sequence[Reading]) -> float | None:
    """Return the number on which `readings` agree; None where they do not, or there are none."""
    if not readings:
        return None
    best = min(readings, key=lambda reading: reading.uncertainty)
    if any(
        abs(reading.value - best.value) > reading.uncertainty + best.uncertainty
        for reading in readings
    ):
        return None
    return shortest(best.value, best.uncertainty)


def shortest(value: float, uncertainty: float) -> float:
    """Return the number with the fewest digits that is no further from `value`.

    Examples
    --------
    >>> shortest(9.98e-7, 5e-9)
    1e-06
    """
    rounded = (float(f"{value:.{digits}g}") for digits in range(1, 17))
    return next((n for n in rounded if abs(n - value) <= uncertainty), value)


def _all_shares(evidence: Sequence[CaseResult], dialect: Dialect) -> list[Reading]:
    return [found for e in evidence for found in _shares(e, dialect)]


def _all_epsilons(evidence: Sequence[CaseResult], dialect: Dialect) -> list[list[Reading]]:
    """Return what eps is read as, under the root or behind it, beside each of the variances."""
    known = [(e, expected(e.case, e.inputs, dialect)) for e in evidence]
    return [
        [r for e, exact in known for r in _epsilons(e, exact, outside, unbiased)]
        for outside in (False, True)
        for unbiased in (False, True)
    ]


def _all_stored(evidence: Sequence[CaseResult], dialect: Dialect) -> list[Reading]:
    return [found for e in evidence for found in _stored(e, dialect)]


def _shares(e: CaseResult, dialect: Dialect) -> Iterator[Reading]:
    """Yield the batch's weight in the running mean, from the channel that says it best."""
    exact, got = expected(e.case, e.inputs, dialect), e.outputs.get("running_mean")
    update = exact.update
    if got is None or update is None or update.batch is None:
        return
    if not e.case.training or not e.inputs.x.size:
        return
    old, batch = update.old_mean[:, 0], update.batch.mean[:, 0]
    with np.errstate(all="ignore"):
        magnitude = np.abs(exact.forward.x).mean(axis=1) + np.abs(old)
        shares = (got.astype(np.float64) - old) / (batch - old)
        errors = ROUNDINGS * _unit(e) * magnitude / np.abs(batch - old)
    yield from _best(shares, errors)


def _stored(e: CaseResult, dialect: Dialect) -> Iterator[Reading]:
    """Yield the eps of an inverse deviation, from the running variance that says it best."""
    update, got = expected(e.case, e.inputs, dialect).update, e.outputs.get("running_var")
    if got is None or update is None or update.batch is None or not update.share:
        return
    var = update.batch.var[:, 0]
    with np.errstate(all="ignore"):
        old = (update.kept or 0.0) * update.old_var[:, 0]
        entered = (got.astype(np.float64) - old) / update.share
        lost = ROUNDINGS * _unit(e) * (1.0 + np.abs(old / (update.share * entered)))
        off = 2.0 * entered**-2.0 * lost + ROUNDINGS * _unit(e) * var
        yield from _best(entered**-2.0 - var, np.where(lost < LARGEST_LOSS, off, np.inf))


def _epsilons(e: CaseResult, exact: Exact, outside: bool, unbiased: bool) -> Iterator[Reading]:
    """Yield eps, from the element of the output that says it best."""
    got = e.outputs.get("output")
    if got is None or exact.regrouped is not None:
        return
    forward = exact.forward
    n, rows = forward.x.shape[1], to_rows(got.astype(np.float64), exact.channel_axis)
    var = forward.used.var
    if unbiased and forward.from_batch:
        var = var * (n / max(n - 1, 1))
    with np.errstate(all="ignore"):
        scaled = (rows - forward.bias) / forward.weight
        scale = forward.centred / scaled
        eps = scale - np.sqrt(var) if outside else scale * scale - var
        lost = _lost(e, exact, rows)
        slope = np.abs(scale) if outside else 2.0 * scale * scale
        yield from _best(eps.ravel(), (slope * lost).ravel())


def _lost(e: CaseResult, exact: Exact, rows: Array) -> Array:
    """Return by how much of itself a normalised value may be off, (C, n)."""
    forward = exact.forward
    of_data = (np.abs(forward.x) + np.abs(forward.used.mean)) / np.abs(forward.centred)
    of_output = (np.abs(rows) + np.abs(forward.bias)) / np.abs(rows - forward.bias)
    lost: Array = ROUNDINGS * _unit(e) * (1.0 + of_data + of_output)
    return lost


def _unit(e: CaseResult) -> float:
    return max(format_of(name).unit for name in e.case.formats)


def _best(values: Array, uncertainties: Array) -> Iterator[Reading]:
    """Yield the value with the smallest uncertainty, if there is one that says anything."""
    finite = np.isfinite(values) & np.isfinite(uncertainties)
    if finite.any():
        place = int(np.argmin(np.where(finite, uncertainties, np.inf)))
        yield Reading(value=float(values[place]), uncertainty=float(uncertainties[place]))
