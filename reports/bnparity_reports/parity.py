"""How far backends are from each other: the answers of two to the same calls, in ulps."""

import math
import struct
from collections.abc import Iterator, Sequence

from bnparity_reports.figures import ratio, shortened
from bnparity_reports.view import View

Numbers = tuple[float, ...]

#: Fraction bits and the smallest exponent of float32.
_BITS, _LEAST = 24, -149


def parity(named: Sequence[tuple[View, str]]) -> View:
    """Return a table of the largest distance of every two backends, and of what it is.

    Parameters
    ----------
    named
        Backends, as in the results, and what to call them; those without answers are left out.
    """
    shown = [(place, _answers(b)) for place, (b, _) in enumerate(named) if b.get("answers")]
    return {
        "places": [place for place, _ in shown],
        "rows": [[_cell(one, other) for _, other in shown] for _, one in shown],
    }


def ulps(one: float, other: float) -> float:
    """Return the distance of two float32, in units in the last place of the larger.

    Examples
    --------
    >>> ulps(1.0, 1.0 + 2**-23), ulps(0.0, 2**-149), ulps(math.nan, 1.0)
    (1.0, 1.0, inf)
    """
    if one == other or (math.isnan(one) and math.isnan(other)):
        return 0.0
    if not (math.isfinite(one) and math.isfinite(other)):
        return math.inf
    exponent = math.frexp(max(abs(one), abs(other)))[1] - _BITS
    return abs(one - other) / 2.0 ** max(exponent, _LEAST)


def _cell(one: dict[str, Numbers], other: dict[str, Numbers]) -> View:
    if one is other:
        return {"ulp": "", "where": ""}
    distances = dict(_distances(one, other))
    if not distances:
        return {"ulp": "-", "where": "nothing in common"}
    where = max(distances, key=lambda name: distances[name])
    worst = distances[where]
    text = "inf" if math.isinf(worst) else ratio(worst)
    return {"ulp": text, "where": shortened(where) if worst else "the same bits"}


def _distances(one: dict[str, Numbers], other: dict[str, Numbers]) -> Iterator[tuple[str, float]]:
    for name, numbers in one.items():
        if name in other and 0 < len(numbers) == len(other[name]):
            yield name, max(map(ulps, numbers, other[name]))


def _answers(backend: View) -> dict[str, Numbers]:
    """Return the answers of a backend by output and call; what is no float32 is left out."""
    return {
        f"{output}, {call}": numbers
        for call, outputs in backend["answers"].items()
        for output, bits in outputs.items()
        if (numbers := _numbers(bits))
    }


def _numbers(bits: str) -> Numbers:
    try:
        data = bytes.fromhex(bits)
        return struct.unpack(f">{len(data) // 4}f", data)
    except (ValueError, struct.error):
        return ()
