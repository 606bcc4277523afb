"""Numbers that a backend uses whatever is asked, read off what it returned.

Of each failure one element says the number best; where those of several failures agree within what
rounding leaves uncertain, it is worth a try, as the shortest decimal number that they allow.
"""

from collections.abc import Sequence

from bnparity.diagnosis.readings import Reading, Readings
from bnparity.judging import CaseResult

#: How many failures are read.
MOST_READ = 32
#: How many say how far off the number may be, once it is known.
MOST_READ_AGAIN = 128


def constant_momentum(evidence: Sequence[CaseResult], readings: Readings) -> list[float]:
    """Return the momentum that explains the running means of `evidence`, if there is one.

    Examples
    --------
    >>> from bnparity_reference import Dialect
    >>> constant_momentum((), Readings(dialect=Dialect()))
    []
    """
    share = agreed([r for read in readings.of(evidence[:MOST_READ]) for r in read.shares])
    if not share:  # without a share nothing moves, which has a name of its own
        return []
    momentum = share if readings.dialect.momentum == "new" else shortest(1.0 - share, 1e-12)
    return [momentum] if 0.0 <= momentum <= 1.0 else []


def constant_eps(evidence: Sequence[CaseResult], readings: Readings) -> list[float]:
    """Return numbers that may be the eps of `evidence`: added under the root, or behind it.

    The variance may be the biased or the unbiased one in either. Or it is the eps of the inverse
    deviations that running variances take in.
    """
    reads = readings.of(evidence[:MOST_READ])
    groups = [*zip(*(read.epsilons for read in reads), strict=True), [r.stored for r in reads]]
    found = {agreed([reading for found in group for reading in found]) for group in groups}
    return sorted(value for value in found if value and value > 0.0)  # below 0 it is lost digits


def uncertainty_of(
    field: str, value: float, evidence: Sequence[CaseResult], readings: Readings
) -> float | None:
    """Return how far off a solved number may be: by as much as what was read best leaves open.

    None if nothing that was read says it.
    """
    reads = readings.of(evidence[:MOST_READ_AGAIN])
    if field == "momentum_value":
        groups = [read.shares for read in reads]
        value = value if readings.dialect.momentum == "new" else 1.0 - value
    else:
        groups = [group for read in reads for group in (*read.epsilons, read.stored)]
    found = (reading for group in groups for reading in group)
    near = [r.uncertainty for r in found if abs(r.value - value) <= 2.0 * r.uncertainty]
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
