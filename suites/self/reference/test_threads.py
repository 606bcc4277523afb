"""What several threads do is what one would do."""

import numpy as np
import pytest
from bnparity_reference.rows import from_rows, to_rows
from bnparity_reference.threads import MANY, at_once, parts_of


@pytest.mark.parametrize(("channels", "n"), [(0, 5), (1, 5), (7, 5), (7, 0), (3, 1000)])
def test_parts_are_all_channels_once(channels: int, n: int) -> None:
    """Each channel is in one part, however many values it has; a part has at least one."""
    numbers = list(range(channels))
    parts = [numbers[part] for part in parts_of(channels, n, 12)]
    assert [number for part in parts for number in part] == numbers
    assert all(parts)


def test_results_are_in_the_order_of_the_pieces() -> None:
    """Whoever is done first."""
    assert at_once(lambda piece: piece * piece, range(100)) == [piece**2 for piece in range(100)]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_rows_of_many_values_are_those_of_few(axis: int) -> None:
    """A copy that threads have made has each channel's values in their order, and goes back."""
    x = np.random.default_rng(0).standard_normal((2, 3, MANY // 4, 5))
    rows = to_rows(x, axis)
    plain = np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1)
    assert rows.flags.c_contiguous
    assert rows.tobytes() == plain.tobytes()
    assert np.array_equal(from_rows(rows, x, axis), x)
