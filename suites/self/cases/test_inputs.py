"""The arrays that a case stands for."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends.formats import FORMATS, format_of
from bnparity.cases.case import (
    Argument,
    Case,
    Layout,
    ParamLayout,
    Recipe,
    Special,
    Values,
)
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.cases.strategies import space_of
from hypothesis import given
from numpy.typing import NDArray

ANY_CASE = space_of(declaration("torch"), dtypes=FORMATS, min_values=0).strategy()


@given(ANY_CASE)
def test_inputs_are_the_same_every_time(case: Case) -> None:
    """A case stands for its arrays: same values, dtypes and strides."""
    for first, second in zip(
        vars(make_inputs(case)).values(), vars(make_inputs(case)).values(), strict=True
    ):
        assert (first is None) == (second is None)
        if first is not None:
            assert first.tobytes() == second.tobytes()
            assert (first.dtype, first.strides) == (second.dtype, second.strides)


@given(ANY_CASE)
def test_inputs_are_what_the_case_says(case: Case) -> None:
    """Shapes, formats and presence follow the case; values are finite unless it says otherwise."""
    inputs = make_inputs(case)
    assert inputs.x.shape == case.shape
    assert inputs.x.dtype == format_of(case.dtype).dtype
    assert (inputs.weight is not None) == (case.affine in ("both", "weight"))
    assert (inputs.running_var is not None) == case.tracked
    assert (inputs.grad_output is not None) == case.gradient
    assert np.isfinite(ordinary(case, inputs.x)).all()
    if case.recipe.special != "none":
        return
    assert inputs.running_mean is None or np.isfinite(wide(inputs.running_mean)).all()
    if inputs.running_var is not None:
        assert (wide(inputs.running_var) > 0).all()
        assert np.isfinite(wide(inputs.running_var)).all()


def wide(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return an array of any format as NumPy's own functions take it."""
    return array.astype(np.float64)


def ordinary(case: Case, x: NDArray[Any]) -> NDArray[np.float64]:
    """Return the channels that no NaN or infinity is put in."""
    return wide(x)[:, 1:] if case.recipe.values in ("nan", "infinite") else wide(x)


@pytest.mark.parametrize("dtype", FORMATS)
def test_subnormal_data_are_below_the_smallest_normal_number(dtype: str) -> None:
    """All of them, and hardly any is zero."""
    x = wide(made("subnormal", dtype))
    assert (np.abs(x) < format_of(dtype).tiny).all()
    assert np.count_nonzero(x) > 0.9 * x.size


@pytest.mark.parametrize("dtype", FORMATS)
def test_huge_data_have_sums_that_overflow(dtype: str) -> None:
    """Each is a finite number of the format, but not their sum."""
    x = wide(made("huge", dtype)) / format_of(dtype).largest
    assert (np.abs(x) <= 1).all()
    assert np.abs(x).sum() > 10


@pytest.mark.parametrize(("values", "is_such"), [("nan", np.isnan), ("infinite", np.isinf)])
@pytest.mark.parametrize("dtype", FORMATS)
def test_one_element_of_the_first_channel_is_not_finite(
    values: Values, is_such: Any, dtype: str
) -> None:
    """The others are ordinary numbers."""
    x = wide(made(values, dtype))
    assert is_such(x).sum() == is_such(x[:, 0]).sum() == 1
    assert np.isfinite(x).sum() == x.size - 1


def test_infinities_have_either_sign() -> None:
    """The seed decides."""
    signs = {np.sign(made("infinite", "float32", seed)[0, 0]) for seed in range(10)}
    assert signs == {-1.0, 1.0}


def made(values: Values, dtype: str, seed: int = 0) -> NDArray[Any]:
    """Return data of 200 values in each of two channels."""
    recipe = Recipe(values=values, seed=seed)
    return make_inputs(Case(shape=(200, 2), dtype=dtype, param_dtype=dtype, recipe=recipe)).x


@pytest.mark.parametrize("layout", get_args(Layout))
def test_layout_changes_memory_not_values(layout: Layout) -> None:
    """Every layout but the repeating ones holds the same values; all are writable."""
    plain = make_inputs(Case(shape=(3, 4, 5, 6)))
    laid = make_inputs(Case(shape=(3, 4, 5, 6), layout=layout))
    assert laid.x.flags.writeable
    if layout == "broadcast":
        assert laid.x.strides[0] == 0
        assert np.array_equal(laid.x[2], plain.x[0])
    elif layout == "scalar":
        assert laid.x.strides == (0,) * 4
        assert np.unique(laid.x) == plain.x[0, 0, 0, 0]
    else:
        assert np.array_equal(laid.x, plain.x)
        assert (layout in ("contiguous", "offset")) == (laid.x.strides == plain.x.strides)


def test_offset_data_do_not_begin_where_their_memory_begins() -> None:
    """They are what remains of a larger batch without its first item."""
    x = make_inputs(Case(shape=(3, 4, 5), layout="offset")).x
    assert isinstance(x.base, np.ndarray)
    begin, whole = x.__array_interface__["data"][0], x.base.__array_interface__["data"][0]
    assert begin - whole == 4 * 5 * x.itemsize


def test_ambiguous_strides_are_those_of_an_image_without_a_batch() -> None:
    """As ``hwc.permute(2, 0, 1).unsqueeze(0)``: the stride of the batch is that of the channels."""
    torch = pytest.importorskip("torch")
    image = torch.zeros(5, 6, 3).permute(2, 0, 1).unsqueeze(0)
    x = make_inputs(Case(shape=(1, 3, 5, 6), layout="ambiguous")).x
    assert x.strides == tuple(4 * stride for stride in image.stride())


def test_slice_of_channels_skips_between_items() -> None:
    """Its planes are dense, and its items are not."""
    x = make_inputs(Case(shape=(2, 3, 4, 5), layout="channel_slice")).x
    assert x[0].flags.c_contiguous
    assert x.strides[0] > x[0].nbytes


@pytest.mark.parametrize("layout", get_args(ParamLayout))
def test_each_parameter_has_a_layout_of_its_own(layout: ParamLayout) -> None:
    """Values are those of dense parameters, but where one of them stands for all."""
    dense = make_inputs(Case(shape=(2, 5)))
    made = make_inputs(Case(shape=(2, 5), bias_layout=layout))
    assert made.bias is not None
    assert dense.bias is not None
    strides = {"sliced": 8, "reversed": -4, "broadcast": 0}
    assert made.bias.strides == (strides.get(layout, 4),)
    assert np.array_equal(made.bias, dense.bias[[0] * 5] if layout == "broadcast" else dense.bias)
    assert made.weight is not None
    assert made.weight.strides == (4,)


@pytest.mark.parametrize("argument", get_args(Argument))
@pytest.mark.parametrize(
    ("special", "is_such", "count"),
    [
        ("zero", lambda a: a == 0, None),
        ("nan", np.isnan, 1),
        ("infinite", np.isinf, 1),
        ("tiny", lambda a: np.abs(a) < 1e-37, None),
        ("huge", lambda a: np.abs(a).max() > 1e19, None),
    ],
)
def test_special_values_are_in_one_argument(
    argument: Argument, special: Special, is_such: Any, count: int | None
) -> None:
    """All others are what they were."""
    recipe = Recipe(special=special, special_in=argument)
    made, plain = (vars(make_inputs(Case(shape=(4, 2), recipe=r))) for r in (recipe, Recipe()))
    found = is_such(made[argument])
    assert found.any() if count is None else found.sum() == count
    assert all(np.array_equal(made[name], plain[name]) for name in made if name != argument)


def test_zeros_do_not_become_huge() -> None:
    """A new layer's bias has nothing to be multiplied; in float64 the factor overflows."""
    recipe = Recipe(special="huge", special_in="bias")
    bias = make_inputs(Case(param_dtype="float64", dtype="float64", fresh=True, recipe=recipe)).bias
    assert bias is not None
    assert not bias.any()


def test_negative_variance_and_eps_are_positive() -> None:
    """Half of eps is missing: the inverse root is a number, and twice as large under the root."""
    case = Case(shape=(4, 2), recipe=Recipe(special="negative", special_in="running_var"))
    var = make_inputs(case).running_var
    assert var is not None
    assert var[0] == np.float32(-case.eps / 2)
    assert var[1] > 0


def test_gradient_of_the_output_has_a_layout_of_its_own() -> None:
    """Frameworks hand on what autograd gives them, whatever the data were."""
    inputs = make_inputs(Case(shape=(3, 4, 5, 6), grad_layout="channels_last"))
    assert inputs.grad_output is not None
    assert inputs.x.flags.c_contiguous
    assert inputs.grad_output.strides[1] == inputs.grad_output.itemsize


@pytest.mark.parametrize("conditioning", [0, 3, 6, 12])
def test_conditioning_is_mean_over_deviation(conditioning: int) -> None:
    """The data lie where the recipe says, within five times what a sample of n tells of that."""
    n = 10_000
    case = Case(shape=(n, 1), dtype="float64", recipe=Recipe(conditioning=conditioning))
    x = make_inputs(case).x
    # A mean is known to std / sqrt(n), a deviation to its 1 / sqrt(2 n).
    known = np.hypot(10.0**-conditioning, np.sqrt(0.5)) / np.sqrt(n)
    assert abs(x.mean() / x.std() / 10.0**conditioning - 1) <= 5 * known


def test_fresh_parameters_are_the_initial_ones() -> None:
    """A fresh case has weight 1, bias 0, mean 0 and variance 1."""
    inputs = make_inputs(replace(Case(shape=(2, 3)), fresh=True))
    assert [set(a.tolist()) for a in vars(inputs).values() if a is not None and a.ndim == 1] == [
        {1.0},
        {0.0},
        {0.0},
        {1.0},
    ]
