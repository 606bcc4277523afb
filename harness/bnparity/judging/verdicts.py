"""The verdict on what a backend returned: the error of every element, divided by its bound.

There is no table of tolerances. A ratio up to `TIGHT` is accurate (``pass``); a larger one is
``loose`` while summation in some order could add so much, and ``fail`` beyond that.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Literal, TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact
from numpy.typing import NDArray

from bnparity.backends import TFLOAT32, Format, format_of
from bnparity.judging.bounds import error_bounds
from bnparity.judging.nonfinite import Array, taken_alone
from bnparity.judging.ratio import ratios

Verdict: TypeAlias = Literal["pass", "loose", "fail"]
#: Returns the any-order bounds of some outputs, of who may update its mean, or may not.
AnyOrder: TypeAlias = Callable[[Collection[str], bool], Mapping[str, Array | None]]

#: The ratio that separates accurate results from others: the one threshold for every size, dtype,
#: conditioning and output. Bounds count each rounding once; an implementation makes several.
TIGHT = 4.0

#: Stands for an infinite ratio, so that results stay plain JSON.
UNBOUNDED = sys.float_info.max


def ratio_text(ratio: float, digits: int = 3) -> str:
    """Return a ratio as people read it."""
    return "inf" if ratio >= UNBOUNDED else f"{ratio:.{digits}g}"


def apart(got: float, expected: float) -> tuple[str, str]:
    """Return two numbers as text, with as many digits as show that they differ.

    Examples
    --------
    >>> apart(0.1, 0.1 + 2**-53)
    ('0.1', '0.1000000000000001')
    """
    texts = (f"{got:.9g}", f"{expected:.9g}")
    for digits in range(10, 18):
        if texts[0] != texts[1]:
            break
        texts = (f"{got:.{digits}g}", f"{expected:.{digits}g}")
    return texts


@dataclass(frozen=True, kw_only=True)
class Check:
    """The verdict on one output of one case, with the element that decided it.

    ``ratio`` is the largest error / bound over all elements, dimensionless; ``index``, ``got``,
    ``expected`` and ``bound``, what a ratio of 1 allows, are those of the element with that ratio;
    ``ulp`` is the largest error in units in the last place of the output's format.
    """

    output: str
    verdict: Verdict
    ratio: float
    index: tuple[int, ...]
    got: float
    expected: float
    bound: float
    ulp: float

    def element(self) -> dict[str, Any]:
        """Return what decided, as results have it: numbers as text, since JSON has no NaN."""
        got, expected = apart(self.got, self.expected)
        texts = {"got": got, "expected": expected, "bound": f"{self.bound:.9g}"}
        return {"output": self.output, "index": list(self.index), **texts}

    def is_beyond(self, got: float) -> bool:
        """Return whether another value of the element is further off than rounding takes it."""
        same = got == self.got or (np.isnan(got) and np.isnan(self.got))
        return not same and not abs(got - self.got) <= TIGHT * self.bound

    def told(self) -> str:
        """Return what decided in words."""
        got, expected = apart(self.got, self.expected)
        return f"{self.output}[{', '.join(map(str, self.index))}] is {got}, expected {expected}"


def arithmetic_of(dialect: Dialect, data: Format) -> Format:
    """Return the format of the intermediate results that `dialect` promises for `data`."""
    if dialect.arithmetic == "data" or (dialect.arithmetic == "wide" and data.name == "float64"):
        return data
    if dialect.arithmetic == "tfloat32":
        return TFLOAT32
    return format_of("float32" if dialect.arithmetic == "wide" else dialect.arithmetic)


def judge(
    outputs: Mapping[str, NDArray[Any]],
    exact: Exact,
    *,
    dialect: Dialect,
    dtype: str = "float32",
    updating: bool = True,
    limits: Mapping[str, Array | None] | None = None,
    any_order: AnyOrder | None = None,
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
    updating
        Whether the backend may be one that updates its mean value by value.
    limits
        The `tight_bounds` of this question, if they are known already.
    any_order
        What remembers its any-order bounds, if something does.
    """
    tight = by_tight_line(outputs, exact, dialect=dialect, dtype=dtype, limits=limits)
    failed = [name for name, found in tight.checks.items() if found.verdict == "fail"]
    checks = dict(tight.checks)
    allowed = any_order or partial(any_order_bounds, exact, dialect, dtype)
    gates = allowed(failed, updating) if failed else {}
    for name in failed:  # a sum in some order may allow the error, besides the rest
        limit, of_order = tight.limits[name], gates[name]
        assert limit is not None
        assert of_order is not None
        gate = gate_of(limit, of_order)
        found = check(name, outputs[name], tight.right[name], gate, tight.arithmetic)
        if found.verdict == "pass":
            checks[name] = replace(checks[name], verdict="loose")
    return tuple(checks.values())


@dataclass(frozen=True, kw_only=True)
class TightLine:
    """What the tight line alone says of outputs: ``checks`` by name, ``pass`` or ``fail``.

    ``limits`` are the bounds, ``right`` is what is due.
    """

    checks: Mapping[str, Check]
    limits: Mapping[str, Array | None]
    right: Mapping[str, Array]
    arithmetic: Format


def tight_bounds(exact: Exact, *, dialect: Dialect, dtype: str) -> dict[str, Array | None]:
    """Return the tight bound of each output, for data in this format."""
    arithmetic = arithmetic_of(dialect, format_of(dtype))
    return error_bounds(exact, dialect=dialect, arithmetic=arithmetic, growth=1)


def any_order_bounds(
    exact: Exact, dialect: Dialect, dtype: str, names: Collection[str], updating: bool
) -> dict[str, Array | None]:
    """Return the any-order bounds of outputs of these names, for data in this format."""
    arithmetic = arithmetic_of(dialect, format_of(dtype))
    return error_bounds(
        exact, dialect=dialect, arithmetic=arithmetic, updating=updating, names=names
    )


def by_tight_line(
    outputs: Mapping[str, NDArray[Any]],
    exact: Exact,
    *,
    dialect: Dialect,
    dtype: str,
    limits: Mapping[str, Array | None] | None = None,
) -> TightLine:
    """Return what the tight line says, as `judge` starts with it: ratios, and what is accurate."""
    arithmetic = arithmetic_of(dialect, format_of(dtype))
    if limits is None:
        limits = tight_bounds(exact, dialect=dialect, dtype=dtype)
    right = {name: _right(name, got, exact) for name, got in outputs.items() if name in limits}
    checks = {
        name: check(name, outputs[name], right[name], limit, arithmetic)
        for name, limit in limits.items()
        if limit is not None and name in outputs and _promises(limit)
    }
    return TightLine(checks=checks, limits=limits, right=right, arithmetic=arithmetic)


def _promises(limit: Array) -> bool:
    """Return whether something is promised of an element."""
    return bool(limit.size) and np.minimum.reduce(limit, axis=None) != np.inf


def gate_of(tight: Array, any_order: Array) -> Array:
    """Return the bound of which `TIGHT` times no legitimate result is off.

    Of so many tight lines one may be the any-order line, which has each rounding too.
    """
    return ((TIGHT - 1.0) * tight + np.maximum(tight, any_order)) / TIGHT


def _right(name: str, got: NDArray[Any], exact: Exact) -> Array:
    """Return what is due of an output; where two answers are right, the one that is nearer."""
    expected: Array = getattr(exact, name)
    alone = taken_alone(name, exact)
    if alone is None:
        return expected
    return np.where(np.isfinite(got.astype(np.float64)) & np.isfinite(alone), alone, expected)


@np.errstate(all="ignore")  # infinity and NaN are judged like any other value
def check(name: str, got: NDArray[Any], expected: Array, bound: Array, arithmetic: Format) -> Check:
    """Return the check of one output against `bound`; what is not ``pass`` is ``fail``."""
    storage = _storage_of(got.dtype)
    wide = got.astype(np.float64)
    error = np.abs(wide - expected)
    last_place = half_ulp(np.abs(expected), storage)
    excess = error - last_place if rounds_once(storage, arithmetic) else error
    of_elements = ratios(
        excess,
        wide,
        expected,
        bound,
        tiny=storage.tiny,
        overflow=overflow_of(storage, arithmetic),
        tight=TIGHT,
    )
    flat = int(of_elements.argmax())
    ratio = float(of_elements.flat[flat])
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


@cache
def _storage_of(dtype: np.dtype[Any]) -> Format:
    """Return the format of an array; NumPy makes its name anew each time that it is asked."""
    return format_of(dtype.name)


def rounds_once(storage: Format, arithmetic: Format) -> bool:
    """Return whether the last rounding is deducted from an error, not scaled.

    Its size is known: of a result to a narrower storage, and of the oracle's to the float64 that it
    has in common with the backend's.
    """
    return storage.unit > arithmetic.unit or storage.name == "float64"


def overflow_of(storage: Format, arithmetic: Format) -> float:
    """Return the least magnitude that is rounded to infinity in one of the two formats."""
    narrower = min((storage, arithmetic), key=lambda f: f.largest)
    return narrower.largest * (1 + narrower.unit / 2)


def half_ulp(magnitude: Array, storage: Format) -> Array:
    """Return the most that rounding to nearest takes: half a unit in the last place."""
    # The largest power of two that is not above, times the unit roundoff.
    half: Array = np.ldexp(storage.unit / 2, np.frexp(magnitude)[1])
    return np.maximum(half, storage.subnormal / 2)
