"""What a failure says of numbers that a backend may use whatever is asked, read once each.

Of each failure one element says a number best. Every search for a name asks for the same ones, so
what was read is remembered for as long as one diagnosis takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact
from bnparity_reference.rows import to_rows
from numpy.typing import NDArray

from bnparity.backends import format_of
from bnparity.judging import CaseResult, expected

Array: TypeAlias = NDArray[np.float64]

#: How much of a number may be lost before it says nothing.
LARGEST_LOSS = 0.1
#: By how many unit roundoffs of its terms an ordinary result is off.
ROUNDINGS = 16.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A number, and how far it may be off."""

    value: float
    uncertainty: float


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one case result says: each list has the best reading, or none.

    ``shares`` are the batch's weight in the running mean. ``epsilons`` are what eps is under the
    root or behind it, beside each of the variances; ``stored`` what it is in an inverse deviation
    that is stored.
    """

    case_result: CaseResult
    shares: list[Reading]
    epsilons: list[list[Reading]]
    stored: list[Reading]


@dataclass(frozen=True, kw_only=True)
class Readings:
    """Reads case results by what `dialect` says of all else, and remembers them while it lives."""

    dialect: Dialect
    known: dict[int, Read] = field(default_factory=dict, repr=False)

    def of(self, evidence: Sequence[CaseResult]) -> list[Read]:
        """Return what each of `evidence` says."""
        return [self._read(e) for e in evidence]

    def _read(self, e: CaseResult) -> Read:
        if id(e) not in self.known:  # which it keeps alive: no other has its identity
            self.known[id(e)] = _read(e, self.dialect)
        return self.known[id(e)]


def _read(e: CaseResult, dialect: Dialect) -> Read:
    exact = expected(e.case, replace(e.inputs, grad_output=None), dialect)
    return Read(
        case_result=e,
        shares=list(_shares(e, exact)),
        epsilons=[
            list(_epsilons(e, exact, outside, unbiased))
            for outside in (False, True)
            for unbiased in (False, True)
        ],
        stored=list(_stored(e, exact)),
    )


def _shares(e: CaseResult, exact: Exact) -> Iterator[Reading]:
    """Yield the batch's weight in the running mean, from the channel that says it best."""
    update, got = exact.update, e.outputs.get("running_mean")
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


def _stored(e: CaseResult, exact: Exact) -> Iterator[Reading]:
    """Yield the eps of an inverse deviation, from the running variance that says it best."""
    update, got = exact.update, e.outputs.get("running_var")
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
