"""The Numba kernel's loops: each way that data can lie, in threads, without a copy of the data."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Layout, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case, settings_of
from bnparity.kernels.numba_kernel import batch_norm, set_threads

TORCH = declaration("torch").dialect

#: More values than one thread takes on alone, by the loops that they are for.
LARGE: dict[str, tuple[tuple[int, ...], Layout]] = {
    "planes": ((2, 20, 30, 40), "contiguous"),
    "planes of few channels": ((3, 2, 90, 80), "contiguous"),
    "one long row": ((1, 1, 50_000), "contiguous"),
    "rows": ((9001, 50), "contiguous"),
    "many columns": ((150, 2100), "contiguous"),
    "two rows": ((2, 20_000), "contiguous"),
    "short runs": ((40, 30, 6, 7), "contiguous"),
    "channels last": ((16, 20, 25, 34), "channels_last"),
    "gaps": ((4, 20, 25, 30), "sliced"),
    "backwards": ((4, 20, 25, 30), "reversed"),
}
each_large = pytest.mark.parametrize("loops", LARGE)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Let Numba use two threads."""
    before = set_threads(2)
    yield
    set_threads(before)


def case(loops: str, dtype: str = "float32", conditioning: int = 3) -> Case:
    """Return a case for some loops, of data far from zero."""
    shape, layout = LARGE[loops]
    recipe = Recipe(seed=1, conditioning=conditioning)
    return Case(
        shape=shape, dtype=dtype, layout=layout, grad_layout=layout, affine="both", recipe=recipe
    )


@each_large
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.usefixtures("two_threads")
def test_loops_are_accurate(loops: str, dtype: str) -> None:
    """Every output is within the tight bound, training and not, in each format."""
    for training in (True, False):
        asked = case(loops, dtype, conditioning=1 if dtype == "bfloat16" else 6)
        found = run_case(in_process(batch_norm), replace(asked, training=training), TORCH)
        assert found.fault is None
        assert {check.verdict for check in found.checks} == {"pass"}, found.checks


@each_large
def test_result_is_the_same_for_any_number_of_threads(loops: str) -> None:
    """To the bit: what is cut into parts is cut by its shape."""
    results = []
    for count in (1, 2):
        before = set_threads(count)
        results.append(called(case(loops)))
        set_threads(before)
    for name, array in results[0].items():
        assert array.tobytes() == results[1][name].tobytes(), name


@each_large
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_data_are_not_copied(loops: str, dtype: str) -> None:
    """A call takes the memory of its outputs and of values a channel, and little more."""
    asked = case(loops, dtype)
    called(asked)  # what is compiled stays
    inputs = make_inputs(asked)
    tracemalloc.start()
    returned = called(asked, inputs)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    outputs = sum(array.nbytes for array in returned.values())
    channels = asked.shape[1]
    assert peak < outputs + 60 * 8 * channels + 100_000


def called(asked: Case, inputs: Any = None) -> dict[str, np.ndarray[Any, Any]]:
    """Return what the kernel returns."""
    settings = settings_of(asked)
    given = vars(inputs or make_inputs(asked))
    found = batch_norm(
        **given, training=settings.training, momentum=settings.momentum, eps=settings.eps
    )
    return {name: array for name, array in found.items() if array is not None}
