"""How a backend seems to sum: what the errors of each of its outputs grow with.

``wide``
    Sums lose nothing that shows in float32: a wider format, or compensation.
``pairwise``
    Errors of float32, growing at most like log n: pairwise, in small blocks, in very many lanes.
``serial``
    Errors of float32 that grow like a power of n: the first in the worst case, the square root for
    random data. A sum in 8 or 16 lanes, as compilers make them, is serial: its error is that of
    n / 8 terms. From 32 lanes up, nothing of it is to be seen at these n.
``half``
    Errors that no order of summation in float32 explains, of the size that half formats have.

``output`` and ``grad_input`` are graded by the sums behind them: of the statistics, and of the
gradients' projections. Probes are float32, contiguous, of small batches and large images; of a
backend without float32 nothing is told, and in other layouts it may sum in another way.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from bnparity_reference import Dialect

from bnparity.backends import Ask, format_of
from bnparity.judging.probes import Point, arguments, make_probe, measure, resembling
from bnparity.judging.verdicts import TIGHT

Grade: TypeAlias = Literal["wide", "pairwise", "serial", "half"]

#: The best first.
GRADES: tuple[Grade, ...] = get_args(Grade)
#: The n of the probes; the first is for half formats, which overflow or stagnate at the others.
SIZES = (2**6, 2**8, 2**11, 2**14, 2**16, 2**17)
#: The mean / standard deviation of further probes, all with n = 2 ** 12.
CONDITIONINGS = (1.0, 1e1, 1e2, 1e3, 1e4)

# Measured on kernels of each kind over 16 seeds, compensated sums on one: scatter is below 0.03
# where sums are wide, and 0.16 to 0.62 at the largest n where they are pairwise, with an exponent
# below 0.17. That of 16 lanes only just emerges there: 0.76 or more, with 0.16 or more.
_WIDE_SCATTER = 0.05
_SERIAL_SCATTER = 0.65
_SERIAL_EXPONENT = 0.15
#: Errors below this are no growth, but the roundings of what is not summed.
_FLOOR = 0.125
#: Wrong conventions leave errors like 1 / n, half formats none that fall as steeply.
_HALF_EXPONENT = -0.75
#: The largest relative error of 64 terms in a half format that is not something else.
_HALF_ERROR = 2.0**-6


@dataclass(frozen=True, kw_only=True)
class Accumulation:
    """How the sums behind one output seem to be taken, by the ``points`` that were measured.

    ``grade`` is None where nothing could be told: the errors are no summation's. They grow like
    ``n ** exponent``, and like a power of mean / standard deviation: ``conditioning_exponent``, 0
    for two passes, 2 for one. Both are None where errors are not finite.
    """

    grade: Grade | None
    exponent: float | None
    conditioning_exponent: float | None
    points: tuple[Point, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as results have them."""
        points = [
            {key: value if isfinite(value) else None for key, value in vars(point).items()}
            for point in self.points
        ]
        exponents = {"exponent": self.exponent, "conditioning_exponent": self.conditioning_exponent}
        return {**exponents, "points": points}


def accumulations(
    ask: Ask,
    *,
    dialect: Dialect,
    dtypes: Collection[str],
    ranks: Collection[int],
    deadline: float,
    seed: int = 0,
) -> dict[str, Accumulation]:
    """Return how the sums behind each output are taken; nothing where it cannot be told.

    Parameters
    ----------
    ask
        The backend.
    dialect, dtypes, ranks
        What it declares.
    deadline
        The `time.monotonic` after which no probe begins; without all of them there is no grade.
    seed
        Of the probes' data.
    """
    plan = [(n, 0.0) for n in SIZES] + [(2**12, conditioning) for conditioning in CONDITIONINGS]
    rank = max((rank for rank in ranks if rank <= 4), default=min(ranks))
    measured: dict[str, list[Point]] = {}
    answered: frozenset[str] | None = None
    for n, conditioning in sorted(plan):
        if "float32" not in dtypes or time.monotonic() >= deadline:
            return {}
        probe = make_probe(n, conditioning, seed)
        reply = ask(*arguments(probe, rank, dialect))
        if reply.fault is not None:
            return {}
        if answered is None:  # this is the smallest probe
            answered = resembling(probe, reply.outputs, dialect)
        for name, point in measure(probe, reply.outputs, dialect).items():
            measured.setdefault(name, []).append(point)
    return {
        name: accumulation(points, resembles=name in (answered or ()))
        for name, points in measured.items()
        if len(points) == len(plan)
    }


def accumulation(points: Sequence[Point], *, resembles: bool = True) -> Accumulation:
    """Return what the errors of one output, at increasing n, amount to.

    One that does not resemble what is expected has no grade: its errors are no rounding's.
    """
    by_size = [point for point in points if not point.conditioning]
    conditioned = [point for point in points if point.conditioning]
    exponent = _exponent(by_size[1:], "n", "scatter")
    grade = _grade(by_size, exponent) if resembles else None
    if grade in (None, "half"):  # the scatter of these says nothing
        exponent = _exponent(by_size, "n", "error")
    return Accumulation(
        grade=grade,
        exponent=exponent,
        conditioning_exponent=_exponent(conditioned, "conditioning", "error"),
        points=tuple(points),
    )


def worse_than(
    declared: Grade | None, measured: Mapping[str, Accumulation]
) -> dict[str, Accumulation]:
    """Return the outputs whose sums are known to be taken less accurately than `declared`."""
    accepted = None, *(GRADES if declared is None else GRADES[: GRADES.index(declared) + 1])
    return {output: found for output, found in measured.items() if found.grade not in accepted}


def _grade(points: Sequence[Point], exponent: float | None) -> Grade | None:
    # One channel of a wide sum may meet a tie of roundings: the largest scatter does not count.
    wide = sorted(point.scatter for point in points[1:])[-2] < _WIDE_SCATTER
    # In any order, a sum of n terms is off by less than n units; without scatter, by a few.
    if any(not point.error <= (TIGHT if wide else point.n) for point in points):
        return "half" if _of_half(points) else None
    if wide:
        return "wide"
    largest = np.sqrt(np.mean(np.square([point.scatter for point in points[-2:]])))
    grows = exponent is not None and exponent > _SERIAL_EXPONENT
    return "serial" if grows and largest > _SERIAL_SCATTER else "pairwise"


def _of_half(points: Sequence[Point]) -> bool:
    smallest = points[0]
    exponent = _exponent(points, "n", "error")
    return smallest.n < smallest.error < _HALF_ERROR / format_of("float32").unit and (
        exponent is None or exponent > _HALF_EXPONENT
    )


def _exponent(points: Sequence[Point], of: str, name: str) -> float | None:
    """Return the slope of the log of the errors called `name` on the log of `of`.

    None unless all are finite.
    """
    sizes, errors = ([getattr(point, key) for point in points] for key in (of, name))
    if not np.isfinite(errors).all():
        return None
    slope = np.polyfit(np.log2(sizes), np.log2(np.maximum(errors, _FLOOR)), 1)[0]
    return round(float(slope), 3)
