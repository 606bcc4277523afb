"""The verdict on what a backend returned: the error of every element, divided by its bound.

There is no table of tolerances. A ratio up to `TIGHT` is accurate (``pass``); a larger one is
``loose`` while summation in some order could add so much, and ``fail`` beyond that.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact
from numpy.typing import NDArray

from bnparity.bounds import bounds
from bnparity.formats import Format, format_of

Array: TypeAlias = NDArray[np.float64]
Verdict: TypeAlias = Literal["pass", "loose", "fail"]

#: The ratio that separates accurate results from others: the one threshold for every size, dtype,
#: conditioning and output. Bounds count each rounding once; an implementation makes several.
TIGHT = 4.0

#: Stands for an infinite ratio, so that results stay plain JSON.
UNBOUNDED = sys.float_info.max


@dataclass(frozen=True, kw_only=True)
class Check:
    """The verdict on one output of one case, with the element that decided it.

    Parameters
    ----------
    ratio
        The largest error / bound over all elements, dimensionless.
    index, got, expected, bound
        Of the element with that ratio; ``bound`` is what a ratio of 1 allows.
    ulp
        The largest error in units in the last place of the output's format.
    """

    output: str
    verdict: Verdict
    ratio: float
    index: tuple[int, ...]
    got: float
    expected: float
    bound: float
    ulp: float


def arithmetic_of(dialect: Dialect, data: Format) -> Format:
    """Return the format of the intermediate results that `dialect` promises for `data`."""
    if dialect.arithmetic != "wide":
        return format_of(dialect.arithmetic)
    return data if data.name == "float64" else format_of("float32")


def judge(
    outputs: Mapping[str, NDArray[Any]],
    exact: Exact,
    *,
    dialect: Dialect,
    dtype: str = "float32",
) -> tuple[Check, ...]:
    """Return a check of each output that both `outputs` and `exact` have elements of.

    An output of which nothing is promised, because the arithmetic overflows, has no check.

    Parameters
    ----------
    outputs
        What the backend returned, by name, each in the shape that `exact` has.
    exact
        What the oracle says under `dialect`.
    dtype
        Format of the data; every output is rounded once, to the format of its own array.
    """
    arithmetic = arithmetic_of(dialect, format_of(dtype))
    limits = bounds(exact, dialect=dialect, arithmetic=arithmetic, growth=1)
    checks = [
        check(name, outputs[name], getattr(exact, name), limit, arithmetic)
        for name, limit in limits.items()
        if limit is not None and name in outputs and not np.isposinf(limit).all()
    ]
    if any(c.verdict == "fail" for c in checks):
        any_order = bounds(exact, dialect=dialect, arithmetic=arithmetic)
        checks = [
            _through_gate(c, outputs, exact, limits[c.output], any_order[c.output], arithmetic)
            for c in checks
        ]
    return tuple(checks)


@np.errstate(all="ignore")  # infinity and NaN are judged like any other value
def check(name: str, got: NDArray[Any], expected: Array, bound: Array, arithmetic: Format) -> Check:
    """Return the check of one output against `bound`; what is not ``pass`` is ``fail``."""
    storage = format_of(got.dtype.name)
    wide = got.astype(np.float64)
    error = np.abs(wide - expected)
    last_place = half_ulp(np.abs(expected), storage)
    excess = error
    if storage.unit > arithmetic.unit or storage.name == "float64":
        # What is rounded once, by a known size, is deducted, not scaled: a result to a narrower
        # storage, the oracle's to the float64 that it has in common with the backend's.
        excess = error - last_place
    ratios = excess / bound
    if not (ratios.max() <= TIGHT and bound.min() > 0.0):
        ratios = _unusual_ratios(excess, wide, expected, bound, (storage, arithmetic))
    flat = int(ratios.argmax())
    ratio = max(float(ratios.flat[flat]), 0.0)
    ulps = error / (2.0 * last_place)
    return Check(
        output=name,
        verdict="pass" if ratio <= TIGHT else "fail",
        ratio=ratio,
        index=tuple(int(i) for i in np.unravel_index(flat, got.shape)),
        got=float(wide.flat[flat]),
        expected=float(expected.flat[flat]),
        bound=float(bound.flat[flat]),
        ulp=min(float(ulps.max()), UNBOUNDED) if ratio < UNBOUNDED else UNBOUNDED,
    )


def half_ulp(magnitude: Array, storage: Format) -> Array:
    """Return the most that rounding to nearest takes: half a unit in the last place."""
    power: Array = np.ldexp(1.0, np.frexp(magnitude)[1] - 1)  # the largest not above
    return np.maximum(power * storage.unit, storage.subnormal / 2)


def _unusual_ratios(
    excess: Array,
    got: Array,
    expected: Array,
    bound: Array,
    formats: tuple[Format, Format],
) -> Array:
    """Judge what is not a matter of rounding; `formats` are those of storage and arithmetic.

    Infinities and NaN have to be there where the bound is NaN, and nowhere else but where the
    narrower format overflows. Storage may be flushed to zero. A bound of 0 allows no other bit.
    """
    narrower = min(formats, key=lambda f: f.largest)
    reach = np.abs(expected) + TIGHT * bound
    overflow = reach >= narrower.largest * (1 + narrower.unit / 2)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    same |= np.isinf(got) & overflow & (np.sign(got) == np.sign(expected))
    same |= (got == 0.0) & (np.abs(expected) < formats[0].tiny)
    same |= np.isposinf(bound)
    opposite = np.isinf(got) & (got == -expected)
    same |= np.isnan(bound) & ~np.isfinite(got) & ~opposite
    ratios = np.where(excess > 0.0, excess / bound, 0.0)
    ratios = np.where(np.isnan(excess) | np.isnan(bound) | (bound == 0.0), UNBOUNDED, ratios)
    return np.where(same, 0.0, np.minimum(ratios, UNBOUNDED))


def _through_gate(
    tight: Check,
    outputs: Mapping[str, NDArray[Any]],
    exact: Exact,
    limit: Array | None,
    any_order: Array | None,
    arithmetic: Format,
) -> Check:
    """Return `tight` as ``loose`` where a sum in some order allows its error, besides the rest."""
    if tight.verdict != "fail" or limit is None or any_order is None:
        return tight
    gate = limit + any_order / TIGHT
    wide = check(
        tight.output, outputs[tight.output], getattr(exact, tight.output), gate, arithmetic
    )
    return replace(tight, verdict="loose") if wide.verdict == "pass" else tight
