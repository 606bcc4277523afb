"""The catalogue of planted faults holds what it says: the textbook, but for one thing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends.call import Reply, Settings, call, in_process
from bnparity.backends.formats import FORMATS, format_of
from bnparity.cases.case import Affine, Case, Layout, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case, settings_of
from bnparity_reference import CONVENTIONS
from numpy.typing import NDArray
from planted.catalogue import CATALOGUE, Fault
from planted.kernel import kernel

Arrays = Mapping[str, NDArray[Any] | None]

_SMALL = Recipe(scale=-2, seed=3)
_LARGE = Recipe(scale=3, conditioning=2, spread=2)
#: Plain cases which between them reach whatever sets a wrong kernel apart from the right one.
_CASES = (
    Case(shape=(2, 1)),
    Case(shape=(3, 3)),
    Case(shape=(4, 3), recipe=Recipe(seed=1)),
    Case(shape=(3, 3, 3)),
    Case(shape=(2, 1, 3), eps=1e-12, recipe=_SMALL),
    *(Case(shape=(3, 2, 2, 3), layout=layout) for layout in get_args(Layout)),
    *(Case(shape=(3, 2, 5), affine=affine) for affine in get_args(Affine)),
    Case(shape=(2, 3, 2, 3), training=False, eps=0.1),
    Case(shape=(2, 3, 2, 3), training=False, recipe=Recipe(seed=1, values="outlier")),
    Case(shape=(2, 3, 2, 3), training=False, tracked=False),
    Case(shape=(2, 3, 2, 1, 3), training=True, eps=0.1),
    *(Case(shape=(2, 2, 3), momentum=momentum) for momentum in (None, 0.0, 1.0)),
    Case(shape=(3, 2), momentum=0.9, gradient=False),
    Case(shape=(1, 2, 5), recipe=_LARGE),
    Case(shape=(1, 2, 9, 2)),
    Case(shape=(17, 3, 2), recipe=_LARGE),
    Case(shape=(5, 130), eps=1e-8, recipe=_SMALL),
    Case(shape=(257, 2), recipe=Recipe(values="outlier")),
    Case(shape=(64, 2, 5), recipe=Recipe(conditioning=4)),
    Case(shape=(2, 1, 65600), layout="sliced"),
)


def _with(name: str, value: float) -> Callable[[Arrays], Arrays]:
    """Return a change that puts a value into an array, among its first."""

    def change(arrays: Arrays) -> Arrays:
        array = np.array(arrays[name])
        array[(0,) * min(array.ndim, 2)] = value
        return {**arrays, name: array}

    return change


def _sliced(arrays: Arrays) -> Arrays:
    """Return the data and the gradient without their first item, in the memory of all."""
    cut = {name: arrays[name] for name in ("x", "grad_output")}
    return {**arrays, **{name: None if a is None else a[1:] for name, a in cut.items()}}


def _gradient_laid_out_otherwise(arrays: Arrays) -> Arrays:
    grad = arrays["grad_output"]
    return {**arrays, "grad_output": None if grad is None else np.asfortranarray(grad)}


def _questions(dtype: str, parameters: str) -> Iterator[tuple[Arrays, Settings]]:
    """Yield calls, those of the cases first; what no case can say follows."""
    formats = {"dtype": dtype, "param_dtype": parameters}
    for case in _CASES:
        asked = Case(**{**vars(case), **formats})
        yield vars(make_inputs(asked)), settings_of(asked)
    case = Case(shape=(4, 3, 2, 5), dtype=dtype, param_dtype=parameters)
    for change in (
        _with("x", np.nan),
        _with("weight", np.inf),
        _sliced,
        _gradient_laid_out_otherwise,
    ):
        yield change(vars(make_inputs(case))), settings_of(case)


def _differs(reply: Reply, right: Reply) -> bool:
    """Return whether a reply is off by more than its own rounding, or another in form."""
    if reply.fault or reply.outputs.keys() != right.outputs.keys():
        return True
    return any(_is_off(reply.outputs[name], right.outputs[name]) for name in right.outputs)


def _is_off(got: NDArray[Any], expected: NDArray[Any]) -> bool:
    # Two results that are each rounded once differ by two units at most, near 0 by those of 1, the
    # size of normalised data; twice that is no rounding.
    rounding = 4 * format_of(expected.dtype.name).unit
    wide, truth = got.astype(np.float64), expected.astype(np.float64)
    return not np.allclose(wide, truth, rtol=rounding, atol=rounding, equal_nan=True)


def _equal(first: Reply, second: Reply) -> bool:
    return all(
        np.array_equal(first.outputs[name], second.outputs[name], equal_nan=True)
        for name in first.outputs
    )


def _shows(fault: Fault) -> bool:
    """Return whether some call shows `fault`: at once, when it is repeated, or afterwards."""
    wrong, right = fault.make(), kernel()
    kept: list[tuple[Reply, Reply]] = []
    for dtype in fault.dtypes:
        for parameters in {dtype, "float32" if dtype in FORMATS[2:] else dtype}:
            for arrays, settings in _questions(dtype, parameters):
                truth, before = call(right, arrays, settings), _bytes(arrays)
                replies = [call(wrong, arrays, settings) for _ in range(2)]
                kept.append((replies[0], truth))
                if any(_differs(reply, truth) for reply in replies) or not _equal(*replies):
                    return True
                if _bytes(arrays) != before:
                    return True
    return any(_differs(reply, truth) for reply, truth in kept)


def _bytes(arrays: Arrays) -> list[bytes]:
    return [array.tobytes() for array in arrays.values() if array is not None]


def test_there_are_many_and_no_two_of_a_name() -> None:
    """A name leads to one fault."""
    assert len({fault.name for fault in CATALOGUE}) == len(CATALOGUE) >= 70


def test_codes_are_those_of_the_dialect() -> None:
    """A fault is due only names that the table of conventions has."""
    for code in {code for fault in CATALOGUE for code in fault.codes}:
        field, _, text = code.partition("=")
        values = CONVENTIONS[field]
        assert values == (None,) or text in map(str, values), code  # of some there is no list


@pytest.mark.parametrize("dtype", FORMATS)
def test_textbook_agrees_with_the_oracle(dtype: str) -> None:
    """What is off in a wrong kernel is off because of the step that was replaced."""
    dialect = declaration("torch").dialect
    for case in _CASES:
        asked = Case(**{**vars(case), "dtype": dtype, "param_dtype": dtype})
        case_result = run_case(in_process(kernel()), asked, dialect)
        assert case_result.fault is None
        assert {check.verdict for check in case_result.checks} == {"pass"}, case_result


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_every_fault_shows(fault: Fault) -> None:
    """A fault that changes nothing would be found by nobody, and blamed on the harness."""
    assert _shows(fault)


def test_fault_has_a_state_of_its_own_each_time() -> None:
    """Two kernels of one fault do not hear of each other."""
    (fault,) = (f for f in CATALOGUE if f.name == "statistics-cached-by-shape")
    settings, right = settings_of(Case()), kernel()
    for seed in (1, 2):
        arrays = vars(make_inputs(Case(recipe=Recipe(seed=seed))))
        assert not _differs(call(fault.make(), arrays, settings), call(right, arrays, settings))


def test_unknown_step_is_refused() -> None:
    """A fault that replaces nothing by a slip of the pen does not go unnoticed."""
    with pytest.raises(TypeError, match="no_such_step"):
        kernel(no_such_step=None)
