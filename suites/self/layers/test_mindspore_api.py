"""The local layers in MindSpore's style; the types of exceptions are those MindSpore raised."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from bnparity.layers.mindspore_api import BatchNorm1d, BatchNorm2d, BatchNorm3d
from numpy.typing import NDArray

Array = NDArray[Any]
RANDOM = np.random.default_rng(5)
X = RANDOM.normal(3, 2, size=(4, 3, 2, 2)).astype(np.float32)
ONES = np.ones(3, np.float32)


def test_fresh_layer_infers() -> None:
    """Until set_train the moving statistics serve and stay; set_train returns the layer."""
    layer = BatchNorm2d(3)
    output = layer(X)
    assert np.array_equal(output, BatchNorm2d(3, use_batch_statistics=False)(X))
    assert layer.moving_mean.tolist() == [0, 0, 0]
    assert layer.set_train() is layer
    layer(X)
    assert (layer.moving_mean != 0).all()


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("told", [True, False, None])
def test_use_batch_statistics_overrules_the_mode(told: bool | None, mode: bool) -> None:
    """True trains and False infers in both modes; None follows the mode."""
    layer = BatchNorm2d(3, use_batch_statistics=told).set_train(mode)
    layer(X)
    trained = mode if told is None else told
    assert bool((layer.moving_variance != 1).all()) is trained


def test_momentum_weighs_the_old_value() -> None:
    """Each moving statistic keeps the share `momentum`; the attribute is what is left of 1."""
    layer = BatchNorm1d(1, momentum=0.75, moving_mean_init=4.0, moving_var_init=8.0).set_train()
    layer(np.array([[0.0], [2.0]], np.float32))
    assert layer.momentum == 0.25
    assert (layer.moving_mean.tolist(), layer.moving_variance.tolist()) == ([3.25], [6.5])


@pytest.mark.parametrize(("name", "value"), [("momentum", 0.5), ("eps", 1.0), ("format", "NHWC")])
def test_what_the_constructor_took_is_not_changed_by_attributes(name: str, value: Any) -> None:
    """eps, momentum and data_format count as they were given."""
    changed, untouched = BatchNorm2d(3).set_train(), BatchNorm2d(3).set_train()
    setattr(changed, name, value)
    assert np.array_equal(changed(X), untouched(X))
    assert np.array_equal(changed.moving_mean, untouched.moving_mean)


@pytest.mark.parametrize(
    ("init", "want"),
    [
        *(("ones", 1), ("Ones", 1), ("one", 1), ("ZEROS", 0), ("zero", 0)),
        *((2.5, 2.5), (-1, -1), (True, 1), (np.float32(2), 2)),
    ],
    ids=str,
)
def test_initialisers(init: Any, want: float) -> None:
    """Names in any case, and numbers, fill each of the four arrays."""
    names = ("gamma_init", "beta_init", "moving_mean_init", "moving_var_init")
    for name, array in zip(names, ("gamma", "beta", "moving_mean", "moving_variance"), strict=True):
        filled = getattr(BatchNorm2d(3, **{name: init}), array)
        assert (filled.dtype.name, filled.tolist()) == ("float32", [want] * 3)


def test_initial_array_is_copied_and_keeps_its_format() -> None:
    """The layer neither shares the caller's array nor converts it."""
    given = np.array([1, 2, 3], np.float16)
    layer = BatchNorm2d(3, gamma_init=given)
    given[:] = 9
    assert (layer.gamma.dtype.name, layer.gamma.tolist()) == ("float16", [1, 2, 3])


def test_parameters_that_do_not_train_have_no_gradient() -> None:
    """With affine=False gamma and beta still take part."""
    layer = BatchNorm2d(3, affine=False, gamma_init=2.0, beta_init=7.0)
    plain = BatchNorm2d(3)
    assert layer.trainable_params() == []
    assert np.array_equal(layer(X), 2 * plain(X) + 7)
    gradients = layer.backward(X)
    assert (gradients.grad_weight, gradients.grad_bias) == (None, None)
    gamma, beta = plain.trainable_params()
    assert gamma is plain.gamma
    assert beta is plain.beta


def test_channels_last_is_the_same_with_axes_moved() -> None:
    """NHWC data give, value for value, what NCHW data give."""
    first, last = (
        BatchNorm2d(3, gamma_init=2 * ONES, data_format=f).set_train() for f in ("NCHW", "NHWC")
    )
    moved = np.ascontiguousarray(np.moveaxis(X, 1, -1))
    grad = RANDOM.normal(size=X.shape).astype(np.float32)
    assert np.array_equal(np.moveaxis(last(moved), -1, 1), first(X))
    assert np.array_equal(first.moving_variance, last.moving_variance)
    one, other = first.backward(grad), last.backward(np.moveaxis(grad, 1, -1))
    assert np.array_equal(np.moveaxis(other.grad_input, -1, 1), one.grad_input)
    assert np.array_equal(one.grad_weight, other.grad_weight)  # type: ignore[arg-type]  # they train


def test_three_spatial_axes_are_seen_flat() -> None:
    """BatchNorm3d computes what its bn2d computes, and hands the mode on."""
    deep, flat = BatchNorm3d(3).set_train(), BatchNorm2d(3).set_train()
    x = RANDOM.normal(size=(2, 3, 2, 3, 2)).astype(np.float32)
    assert np.array_equal(deep(x), flat(x.reshape(2, 3, 6, 2)).reshape(x.shape))
    found = deep.backward(x).grad_input
    assert np.array_equal(found, flat.backward(x.reshape(2, 3, 6, 2)).grad_input.reshape(x.shape))
    assert np.array_equal(deep.bn2d.moving_mean, flat.moving_mean)


def test_single_value_has_no_variance() -> None:
    """Training on one value a channel gives beta, and a moving variance that is NaN."""
    layer = BatchNorm1d(2, beta_init=5.0).set_train()
    x: Array = np.array([[1, 2]], np.float32)
    assert layer(x).tolist() == [[5, 5]]
    assert np.isnan(layer.moving_variance).all()
    assert np.isfinite(layer.moving_mean).all()


def test_empty_batch_divides_by_zero() -> None:
    """Training on no values makes the moving statistics NaN; gradients of parameters are 0."""
    layer = BatchNorm2d(3).set_train()
    assert layer(X[:0]).shape == (0, 3, 2, 2)
    assert np.isnan([*layer.moving_mean, *layer.moving_variance]).all()
    gradients = layer.backward(X[:0])
    assert gradients.grad_weight is not None
    assert gradients.grad_weight.tolist() == [0, 0, 0]


@pytest.mark.parametrize("data", [np.float16, np.float32])
@pytest.mark.parametrize("parameters", [np.float16, np.float32])
def test_results_have_the_formats_of_what_they_belong_to(data: type, parameters: type) -> None:
    """Output and its gradient are like the data, the other gradients like the parameters."""
    layer = BatchNorm2d(3, dtype=parameters).set_train()
    x: Array = X.astype(data)
    assert layer(x).dtype == data
    found = layer.backward(x)
    assert found.grad_input.dtype == data
    assert [a.dtype for a in (found.grad_weight, found.grad_bias) if a is not None] == [
        parameters
    ] * 2
    assert (layer.moving_mean != 0).all()


def test_nothing_imports_a_framework() -> None:
    """The layers of both APIs work where no framework is installed."""
    script = (
        "import sys\n"
        "import bnparity.layers.mindspore_api, bnparity.layers.torch_api\n"
        "print({'torch', 'mindspore', 'numba', 'ml_dtypes'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()"
