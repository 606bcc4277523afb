"""Ways to tell a good result from a wrong one: bnparity's, and tolerances as people set them."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import torch
from bench.good_and_wrong import Result
from numpy.typing import NDArray

#: Takes a result, returns whether the policy accuses it.
Policy = Callable[[Result], bool]


def wanted(result: Result) -> NDArray[np.float32]:
    """Return what the oracle says, rounded to float32, as a tolerance compares it."""
    return result.exact.astype(np.float32)


def bnparity(result: Result) -> bool:
    """Return whether the judge says ``fail``."""
    return result.verdict == "fail"


def bnparity_tight(result: Result) -> bool:
    """Return whether the judge says anything but ``pass``."""
    return result.verdict != "pass"


def assert_close(result: Result) -> bool:
    """Return whether torch's assertion for tests refuses, with its default tolerances."""
    try:
        torch.testing.assert_close(torch.from_numpy(result.got), torch.from_numpy(wanted(result)))
    except AssertionError:
        return True
    return False


def apart(result: Result, *, rtol: float, atol: float) -> bool:
    """Return whether `numpy.allclose` finds the result and the oracle apart."""
    got, want = result.got.astype(np.float64), wanted(result).astype(np.float64)
    return not np.allclose(got, want, rtol=rtol, atol=atol)


#: The relative and absolute tolerance of each of the others; torch's are those for float32.
TOLERANCES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "torch assert_close, default": (1.3e-6, 1e-5),
        "numpy allclose, default": (1e-5, 1e-8),
        "ONNX, rtol=1e-3 atol=1e-7": (1e-3, 1e-7),
        "ONNX, rtol=1e-2 atol=1e-3": (1e-2, 1e-3),
    }
)

#: The share of good results that a loosened tolerance may accuse. With none, the one worst
#: conditioned case would set the factor.
FEW = 0.01

#: Policies as they are; `TOLERANCES` names those that are not bnparity's.
POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "bnparity": bnparity,
        "bnparity, if loose is accused": bnparity_tight,
        **{name: partial(apart, rtol=r, atol=a) for name, (r, a) in TOLERANCES.items()},
        "torch assert_close, default": assert_close,
    }
)


def loosened(good: Iterable[Result]) -> dict[str, Policy]:
    """Return the tolerances, each widened by the least factor that leaves it `FEW` false alarms."""
    results = tuple(good)
    factors = {name: slack(results, *tolerance) for name, tolerance in TOLERANCES.items()}
    return {
        loosened_name(name): partial(apart, rtol=rtol * factors[name], atol=atol * factors[name])
        for name, (rtol, atol) in TOLERANCES.items()
    }


def loosened_name(name: str) -> str:
    """Return what `loosened` calls the tolerance `name`."""
    return f"{name}, loosened"


def slack(good: Iterable[Result], rtol: float, atol: float) -> float:
    """Return the multiple of the tolerance that all but `FEW` of the good results are within."""
    multiples = []
    for result in good:
        want = wanted(result).astype(np.float64)
        allowed = atol + rtol * np.abs(want)
        multiples.append(float((np.abs(result.got - want) / allowed).max()))
    within = float(np.quantile(multiples, 1 - FEW, method="higher"))
    return within * (1 + 1e-9)  # what it is compared with is rounded, too
