"""The oracle, certified: its float64 outputs beside the same quantities in exact fractions."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bnparity.backends.formats import Format, format_of
from bnparity.judging.bounds import error_bounds
from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect, batch_norm, exact

#: Knows no rounding of its own: what is left of a bound is the oracle's stated error.
ORACLE = Format("oracle", np.dtype(np.float64), 0.0, 0.0, 0.0, np.inf)

#: Decimal exponents of the data's size: ordinary ones, and both ends of the range of float64.
SCALES = (0, -3, 5, -150, 150, 307, -307, -316)

Arguments = dict[str, Any]


def drawn(seed: int, scale: int) -> tuple[Arguments, Dialect]:
    """Return a call with data of 10 ** `scale`, up to 1e8 standard deviations from zero."""
    rng = np.random.default_rng((seed, scale + 400))
    n, channels = int(rng.choice([0, 1, 2, 3, 5, 17, 100, 300])), 2
    far = 10.0 ** rng.uniform(-1, 8)
    with np.errstate(under="ignore"):
        unit = 10.0 ** (scale if scale < 0 else scale - np.log10(max(far, 10.0)))
        shape = (n, channels, *[(), (1,), (3,), (2, 2)][int(rng.integers(4))])
        x = (rng.standard_normal(shape) + far) * unit
        mean = (rng.standard_normal(channels) + far) * unit
        var = np.minimum(np.square(min(unit, 1e150)), 1e300) * rng.uniform(0.25, 4, channels)
        grad = rng.standard_normal(shape) * 10.0 ** rng.choice([0, 0, 3, -300, 300])
        var *= np.where(rng.random(channels) < 0.1, -1.0, 1.0)
    pick = rng.random(4) < 0.8
    arguments: Arguments = {
        "x": x,
        "weight": rng.standard_normal(channels) if pick[0] else None,
        "bias": rng.standard_normal(channels) if pick[1] else None,
        "running_mean": mean if pick[2] else None,
        "running_var": var if pick[2] else None,
        "training": bool(rng.random() < 0.6),
        "momentum": rng.choice([0.1, 0.9, 0.0, 1.0, None]),  # type: ignore[arg-type]
        "eps": float(rng.choice([1e-5, 1e-12, 1e-3, 1.0])),
        "grad_output": grad if pick[3] else None,
        "batches_tracked": int(rng.integers(4)),
    }
    dialect = _dialect(rng)
    if pick[2]:
        slopes = rng.standard_normal((2, channels))
        arguments |= dict(zip(("grad_running_mean", "grad_running_var"), slopes, strict=True))
        dialect = replace(dialect, statistics_gradient="through" if seed % 2 else "stopped")
    return arguments, dialect


def _dialect(rng: np.random.Generator) -> Dialect:
    """Return the default dialect, or it with one or two fields changed."""
    fields = {**CONVENTIONS, "eps_value": (1e-6, 0.5), "momentum_value": (0.01, 1.0)}
    changed = rng.choice(list(fields), size=int(rng.integers(4)), replace=False)
    values: dict[str, Any] = {f: fields[f][int(rng.integers(len(fields[f])))] for f in changed}
    return replace(Dialect(), **values)


def beyond(arguments: Arguments, dialect: Dialect) -> Iterator[tuple[str, float, float]]:
    """Yield for each output the largest error in ulps, all of it and beyond the stated error.

    Where the oracle states none, because intermediate results overflow, a judge judges nothing.
    """
    with np.errstate(all="ignore"):
        got = batch_norm(dialect=dialect, **arguments)
        stated = error_bounds(got, dialect=dialect, arithmetic=ORACLE, growth=1)
    truth = exact.batch_norm(dialect=dialect, **arguments)
    for name, numbers in truth.items():
        bound: Any = stated[name]
        worst = left = 0.0
        for index, number in np.ndenumerate(numbers):
            if number is None:
                assert not np.isfinite(getattr(got, name)[index]), (name, index)
                continue
            error = exact.ulps(getattr(got, name)[index], number)
            worst = max(worst, error)
            known = float(bound[index])
            if error > 1.0 and np.isfinite(known):
                left = max(left, _beyond_known(getattr(got, name)[index], number, known))
        yield name, worst, max(left, min(worst, 1.0))


def _beyond_known(got: float, number: Fraction, known: float) -> float:
    """Return the error in ulps from the nearer end of what the stated error allows."""
    if not np.isfinite(got):
        return exact.ulps(got, number)
    width = Fraction(known)
    return exact.ulps(got, min(max(Fraction(got), number - width), number + width))


@pytest.mark.parametrize("scale", SCALES)
def test_oracle_is_within_an_ulp_or_its_stated_error(scale: int) -> None:
    """Outputs are within 1 ulp and gradients within 2, but for a stated share of what cancels."""
    seen = dict.fromkeys(OUTPUTS, 0.0)
    for seed in range(60):
        arguments, dialect = drawn(seed, scale)
        for name, worst, error in beyond(arguments, dialect):
            limit = 2.0 if name.startswith("grad_") else 1.0
            assert error <= limit, (name, error, seed, dialect)
            if dialect.statistics_over == "channel":  # else float64 takes the last steps
                seen[name] = max(seen[name], worst)
    assert max(seen["output"], seen["running_mean"]) <= 1.0, seen  # nothing had to be stated
    assert min(seen["output"], seen["grad_input"]) > 0.0, seen


def test_stated_error_is_far_below_that_of_float64() -> None:
    """What the oracle says of itself is no excuse: 2 ** -40 of what float64 may lose."""
    seen: set[str] = set()
    for seed in range(60):
        arguments, dialect = drawn(seed, 0)
        dialect = replace(dialect, statistics_over="channel")  # over others, float64 has its part
        with np.errstate(all="ignore"):
            got = batch_norm(dialect=dialect, **arguments)
            stated, allowed = (
                error_bounds(got, dialect=dialect, arithmetic=arithmetic, growth=1)
                for arithmetic in (ORACLE, format_of("float64"))
            )
        for name in OUTPUTS:
            share, whole = stated[name], allowed[name]
            if share is not None and whole is not None:
                # NaN where there is no number to be off from, for the one as for the other.
                below = np.where(np.isnan(share), np.isnan(whole), share <= whole * 2.0**-40)
                assert below.all(), (name, seed)
                seen |= {name} if np.any(np.isfinite(whole) & (share > 0.0)) else set()
    assert seen == set(OUTPUTS)
