"""Calls of the oracle with data of any size, as far as 1e8 deviations from zero, in any dialect."""

from dataclasses import replace
from typing import Any

import numpy as np
from bnparity_reference import CONVENTIONS, Dialect

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
