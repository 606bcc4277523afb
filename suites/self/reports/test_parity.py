"""How far two backends are apart: by their own answers to the same calls."""

import struct
from typing import Any

from bnparity_reports.html import render
from bnparity_reports.parity import parity

Document = dict[str, Any]


def answering(backend: Document, *numbers: float, output: str = "output") -> Document:
    """Return a backend that answers one call with these numbers."""
    bits = struct.pack(f">{len(numbers)}f", *numbers).hex()
    return {**backend, "answers": {"training": {output: bits}}}


def told(*backends: Document) -> list[list[tuple[str, str]]]:
    """Return distance and place of each pair."""
    rows = parity([(backend, "numpy") for backend in backends])["rows"]
    return [[(cell["ulp"], cell["where"]) for cell in row] for row in rows]


def test_distance_is_in_ulps_of_the_larger(backend: Document) -> None:
    """The last bit of one is half a unit of what is twice as large."""
    one, other = answering(backend, 1.0, 2.0), answering(backend, 1.0 + 2**-23, 2.0 + 2**-21)
    apart = ("2", "output, training")
    assert told(one, other) == [[("", ""), apart], [apart, ("", "")]]


def test_same_bits_are_said(backend: Document) -> None:
    """No distance is told as what it is; a NaN is the same as a NaN."""
    one = answering(backend, 1.0, float("nan"))
    assert told(one, dict(one))[0][1] == ("0", "the same bits")


def test_nan_beside_a_number_is_infinitely_far(backend: Document) -> None:
    """No number of units leads there."""
    assert told(answering(backend, float("nan")), answering(backend, 1.0))[0][1][0] == "inf"


def test_what_has_nothing_in_common_is_not_compared(backend: Document) -> None:
    """Neither other outputs nor other sizes are compared, and what is no float32 is left out."""
    one = answering(backend, 1.0)
    for other in (
        answering(backend, 1.0, output="grad_input"),
        answering(backend, 1.0, 2.0),
        {**backend, "answers": {"training": {"output": "no hexadecimal"}}},
    ):
        assert told(one, other)[0][1] == ("-", "nothing in common")


def test_one_backend_has_no_table(results: Document, backend: Document) -> None:
    """Between backends there is something from two up."""
    one = answering(backend, 1.0)
    assert 'id="parity"' not in render({**results, "backends": [one]})
    assert 'id="parity"' in render({**results, "backends": [one, {**one, "name": "b"}]})
