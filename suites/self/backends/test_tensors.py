"""Arrays become tensors and come back: their strides, where they begin, and what is written."""

from typing import get_args

import numpy as np
import pytest
from bnparity.backends.tensors import array_of, tensor_of, without_device, write_back
from bnparity.cases.case import Layout
from bnparity.cases.layouts import lay_out

pytest.importorskip("torch", reason="torch is not installed")

#: A device that is moved to like any other, and is everywhere.
ELSEWHERE = "cpu:0"


@pytest.mark.parametrize("layout", sorted({*get_args(Layout)} - {"reversed"}))
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_tensor_elsewhere_lies_as_the_array_does(layout: Layout, dtype: str) -> None:
    """The same values, strides, and bytes behind a multiple of 16: no gap is closed on the way."""
    array = lay_out(np.random.default_rng(1).normal(size=(4, 3, 5, 7)).astype(dtype), layout)
    tensor = tensor_of(array, ELSEWHERE)
    assert array_of(tensor).tobytes() == array.tobytes()
    assert [n * array.itemsize for n in tensor.stride()] == list(array.strides)
    assert tensor.data_ptr() % 16 == array.ctypes.data % 16


def test_empty_array_with_gaps_is_moved() -> None:
    """It has no memory of which a part could be taken."""
    assert tensor_of(np.ones((0, 6), np.float32)[:, ::2], ELSEWHERE).shape == (0, 3)


def test_what_is_written_elsewhere_is_written_to_the_array() -> None:
    """As the CPU's tensors do, which share its memory."""
    array = np.zeros((2, 6), np.float32)[:, 1::2]
    tensor = tensor_of(array, ELSEWHERE)
    tensor[1, 2] = 5.0
    assert array[1, 2] == 0.0
    write_back(tensor, array)
    assert array[1, 2] == 5.0


def test_unknown_device_is_told() -> None:
    """By its name."""
    with pytest.raises(ValueError, match="'cuba' is no device"):
        without_device("cuba")
