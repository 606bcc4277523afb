"""Calls that make the sums inside a backend visible, and the errors that its answers show.

Every channel of a probe holds the same pairs (x, grad_output), each time in another order, so
that exactly the same sums are due in all of them. What differs from channel to channel is the
summation's own error, free of every rounding of its result: the *scatter*. Magnitudes lie in
[1, 2) with all their bits at random, and signs change by quarters, the same for x, grad_output and
their product in mutually orthogonal patterns: partial sums grow long, while each sum ends near 0,
so that the error of one sum does not reach another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from bnparity_reference import Dialect, Exact, batch_norm
from numpy.typing import NDArray

from bnparity.backends import OUTPUT_LIKE, Settings, format_of
from bnparity.cases import momentum_of_batch_alone

Array = NDArray[np.float64]

#: Enough to estimate a scatter to a fifth.
CHANNELS = 16
#: Small beside every variance here, so that no convention about it shows.
EPS = 1e-12
#: The signs of x and of grad_output, by quarters of the channel.
_SIGNS = {"x": (1, 1, -1, -1), "grad_output": (1, -1, -1, 1)}
#: Of magnitudes uniform in [1, 2), signs balanced.
_STD = np.sqrt(7 / 3)


#: Probes that are remembered: those of a backend, for the next one.
_REMEMBERED = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Probe:
    """One call, of `n` values a channel with ``conditioning`` as mean / standard deviation.

    ``x`` and ``grad_output`` are what the channels hold, ``(CHANNELS, n)``.
    """

    n: int
    conditioning: float
    x: NDArray[np.float32]
    grad_output: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Point:
    """The errors of one output in one probe, in units of u times the sum of magnitudes.

    u is the unit roundoff of float32, and a variance counts twice, since it is itself rounded.
    ``error`` is the root mean square over the channels, ``scatter`` the standard deviation.
    """

    n: int
    conditioning: float
    error: float
    scatter: float


@dataclass(frozen=True, kw_only=True)
class _Terms:
    """What the sums are of, for all outputs: magnitudes (n,) of data, gradient and projection.

    ``centred`` are the data of all channels less their mean, ``(CHANNELS, n)``, ``scale`` is the
    denominator.
    """

    x: Array
    grad: Array
    projection: Array
    centred: Array
    scale: float


@lru_cache(_REMEMBERED)
def make_probe(n: int, conditioning: float, seed: int = 0) -> Probe:
    """Return a probe of `n` values a channel, a multiple of 4."""
    rng = np.random.Generator(np.random.PCG64([seed, n]))
    x, grad = (
        (np.repeat(signs, n // 4) * rng.uniform(1, 2, n)).astype(np.float32)
        for signs in _SIGNS.values()
    )
    quarters = np.tile(np.arange(n).reshape(4, -1), (CHANNELS, 1))
    order = rng.permuted(quarters, axis=1).reshape(CHANNELS, n)
    x = (x + conditioning * _STD).astype(np.float32)
    return Probe(n=n, conditioning=conditioning, x=x[order], grad_output=grad[order])


def arguments(probe: Probe, rank: int, dialect: Dialect) -> tuple[dict[str, Any], Settings]:
    """Return the arrays, float32, and the settings of the call.

    The batch is as small as the rank allows, 2, and the images are large: there sums are long.
    The momentum is the one that leaves nothing of the old running statistics.
    """
    arrays = {
        "x": _shaped(probe.x, rank),
        "weight": np.ones(CHANNELS, np.float32),
        "bias": np.zeros(CHANNELS, np.float32),
        "running_mean": np.zeros(CHANNELS, np.float32),
        "running_var": np.zeros(CHANNELS, np.float32),
        "grad_output": _shaped(probe.grad_output, rank),
    }
    return arrays, Settings(training=True, momentum=momentum_of_batch_alone(dialect), eps=EPS)


def measure(
    probe: Probe, outputs: Mapping[str, NDArray[Any]], dialect: Dialect
) -> dict[str, Point]:
    """Return the errors of each output that was provided."""
    exact, points = _of_one(probe, dialect), {}
    with np.errstate(all="ignore"):  # NaN and infinity stay what they are
        terms = _terms_of(exact, probe)
        for name in OUTPUT_LIKE:
            if name in outputs:
                off = _errors(name, outputs[name], exact, terms)
                errors = np.asarray(off) / format_of("float32").unit
                points[name] = Point(
                    n=probe.n,
                    conditioning=probe.conditioning,
                    error=float(np.sqrt(np.mean(np.square(errors)))),
                    scatter=float(np.sqrt(np.mean(np.var(errors, axis=1)))),
                )
    return points


@np.errstate(all="ignore")  # what is infinite or NaN does not resemble anything
def resembling(
    probe: Probe, outputs: Mapping[str, NDArray[Any]], dialect: Dialect
) -> frozenset[str]:
    """Return the outputs whose errors may be those of rounding: below half of what is expected.

    That is so of every sum of few terms; zeros in place of a gradient, whose sums are 0 too, are
    off by all of it.
    """
    exact, found = _expected(probe.x, probe.grad_output, dialect), []
    for name, output in outputs.items():
        expected = getattr(exact, name)
        if name in ("output", "grad_input"):
            output, expected = _rows(output), expected.T  # noqa: PLW2901  # the same by channels
        if np.abs(output - expected).max() <= 0.5 * np.abs(expected).max():
            found.append(name)
    return frozenset(found)


def _shaped(rows: NDArray[np.float32], rank: int) -> NDArray[np.float32]:
    """Return rows (C, n) as ``(N, C, *spatial)``."""
    channels, n = rows.shape
    batch = n if rank == 2 else 2
    spatial = (*(2,) * (rank - 4), 2, -1) if rank > 3 else (-1,) * (rank - 2)
    return np.ascontiguousarray(rows.reshape(channels, batch, *spatial).swapaxes(0, 1))


def _rows(output: NDArray[Any]) -> NDArray[Any]:
    """Return ``(N, C, *spatial)`` as rows (C, n)."""
    rows: NDArray[Any] = output.swapaxes(0, 1).reshape(output.shape[1], -1)
    return rows


@lru_cache(_REMEMBERED)
def _of_one(probe: Probe, dialect: Dialect) -> Exact:
    """Return the oracle's answer to the first channel of `probe`; the sums of all are the same."""
    return _expected(probe.x[:1], probe.grad_output[:1], dialect)


def _expected(x: NDArray[Any], grad_output: NDArray[Any], dialect: Dialect) -> Exact:
    """Return the oracle's answer to rows (C, n), a batch of n values."""
    channels = len(x)
    return batch_norm(
        x.T.astype(np.float64),
        np.ones(channels),
        *[np.zeros(channels)] * 3,
        dialect=dialect,
        training=True,
        momentum=momentum_of_batch_alone(dialect),
        eps=EPS,
        grad_output=grad_output.T.astype(np.float64),
    )


def _terms_of(exact: Exact, probe: Probe) -> _Terms:
    grad = np.abs(probe.grad_output[0].astype(np.float64))
    x, forward = np.abs(probe.x[0].astype(np.float64)), exact.forward
    return _Terms(
        x=x,
        grad=grad,
        projection=grad * np.abs(forward.normalized[0]),
        centred=probe.x - forward.used.mean,
        scale=float(forward.scale[0, 0]),
    )


def _errors(name: str, got: NDArray[Any], exact: Exact, terms: _Terms) -> Sequence[Array]:
    """Return the errors of the sums behind an output, (C,) each, relative to their magnitudes."""
    expected = getattr(exact, name)
    if name in ("output", "grad_input"):
        # The average of an element's error, and that along the normalised data, are what the
        # sums behind it were off by; the rounding of the elements themselves averages out.
        rows, due = _rows(got).astype(np.float64), expected[:, 0]
        average = terms.scale * (rows.mean(axis=1) - due.mean())
        along = _along(rows, terms.centred) - _along(due, exact.forward.centred[0])
        if name == "output":
            return average / terms.x.mean(), along / terms.scale
        return average / terms.grad.mean(), along / terms.projection.mean()
    magnitudes = {
        "running_mean": terms.x.mean(),
        "running_var": 2 * abs(expected[0]),
        "grad_weight": terms.projection.sum(),
        "grad_bias": terms.grad.sum(),
    }
    return ((got.astype(np.float64) - expected[0]) / magnitudes[name],)


def _along(rows: Array, others: Array) -> Array:
    """Return the average of each row's products with another; no library's threads wake for it."""
    averages: Array = np.einsum("...j,...j->...", rows, others) / rows.shape[-1]
    return averages
