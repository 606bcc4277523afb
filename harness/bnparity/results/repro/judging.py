"""Part of the ``repro.py`` of a deviation: the call made again, and its worst element judged."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bnparity.backends import Array
from bnparity.judging import ratios
from bnparity.results.repro.asking import (
    arguments_after_calls,
    ask,
    bits,
    opened_or_told,
    read,
    wide,
)


def main(
    finding: Mapping[str, Any],
    folder: Path,
    opened: Callable[..., tuple[Callable[..., Any], str]],
) -> int:
    """Make the calls of `finding` again; print what came, and return whether it deviates still."""
    print(finding["text"])
    call = opened_or_told(finding, opened)
    if call is None:
        return 2
    stored, last = read(folder / "inputs.safetensors"), finding["calls"][-1]
    arrays = arguments_after_calls(call, finding, stored)
    got = bits(ask(call, last, arrays)[finding["output"]])
    expected = read(folder / "expected.safetensors")[finding["output"]]
    if got is None or got.shape != expected.shape:
        print(f"{finding['output']} did not come, or not in the shape {expected.shape}")
        return 1
    return judged(finding, wide(got), expected, read(folder / "bound.safetensors"))


def judged(
    finding: Mapping[str, Any], got: Array, expected: Array, bounds: Mapping[str, Array]
) -> int:
    """Print the worst element, the one of the largest error / bound, and return whether it is bad.

    A ratio of a few units is accurate, and one beyond that no deviation where a sum in another
    order could explain it.
    """
    output = finding["output"]
    with np.errstate(all="ignore"):
        excess = np.abs(got - expected) - bounds.get(output + ".rounding", 0.0)
        limits, tight = finding["limits"], finding["limits"]["tight"]
        found = ratios(excess, got, expected, bounds[output], **limits)
        in_any_order = np.maximum(bounds[output], bounds[output + ".any_order"])
        gate = ((tight - 1) * bounds[output] + in_any_order) / tight
        beyond = ratios(excess, got, expected, gate, **limits)
    worst = tuple(int(i) for i in np.unravel_index(found.argmax(), found.shape))
    print(f"{output}[{', '.join(map(str, worst))}]")
    print("expected:", repr(float(expected[worst])))
    print("got:", repr(float(got[worst])))
    print("ratio:", repr(float(found[worst])), f"(error / bound; up to {tight:g} is accurate)")
    deviates = bool(found.max() > tight and beyond.max() > tight)
    if deviates:
        print("The deviation is there.")
    elif found.max() > tight:
        print("It is loose: adding in some order may lose so much.")
    else:
        print("The deviation is gone.")
    return int(deviates)
