"""The oracle, certified: its float64 outputs beside the same quantities in exact fractions."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bnparity.backends.formats import Format, format_of
from bnparity.judging.bounds import error_bounds
from bnparity_reference import OUTPUTS, Dialect, batch_norm, exact
from far_and_wide import SCALES, Arguments, drawn

#: Knows no rounding of its own: what is left of a bound is the oracle's stated error.
ORACLE = Format("oracle", np.dtype(np.float64), 0.0, 0.0, 0.0, np.inf)


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
            known = float(bound[index])
            if dialect.nan == "hidden" and np.isinf(getattr(got, name)[index]) and np.isinf(known):
                continue  # fractions do not tell a number over 0 from 0 over 0, and hide either
            error = exact.ulps(getattr(got, name)[index], number)
            worst = max(worst, error)
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


def test_oracle_that_ignores_nan_is_within_the_same() -> None:
    """Numbers are where fractions have some, whatever else the dialect says, and none elsewhere."""
    finite = 0
    for seed in range(60):
        arguments, dialect = drawn(seed, 0)
        odd = np.random.default_rng(seed).random(arguments["x"].shape) < 0.2
        arguments["x"] = np.where(odd, np.nan, arguments["x"])
        dialect = replace(dialect, nan="ignored")
        for name, _, error in beyond(arguments, dialect):
            assert error <= (2.0 if name.startswith("grad_") else 1.0), (name, error, seed, dialect)
        finite += bool(
            odd.any() and np.isfinite(batch_norm(dialect=dialect, **arguments).output).any()
        )
    assert finite > 20
