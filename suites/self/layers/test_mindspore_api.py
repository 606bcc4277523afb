"""The local layers in MindSpore's style; the types of exceptions are those MindSpore raised."""

import subprocess
import sys
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from bnparity.layers.mindspore_api import BatchNorm1d, BatchNorm2d, BatchNorm3d, load_param_into_net
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


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (BatchNorm1d(3), ["mean", "variance", "gamma", "beta"]),
        (BatchNorm2d(3), ["mean", "variance", "gamma", "beta"]),
        (
            BatchNorm3d(3),
            ["bn2d.moving_mean", "bn2d.moving_variance", "bn2d.gamma", "bn2d.beta"],
        ),
    ],
    ids=["1d", "2d", "3d"],
)
def test_names_of_the_state(layer: Any, names: list[str]) -> None:
    """They are those under which MindSpore saves it."""
    assert list(layer.parameters_dict()) == names


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


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        *((TypeError, {"num_features": n}) for n in (3.0, "3", True, None, [3], np.int64(3))),
        *((ValueError, {"num_features": n}) for n in (0, -1)),
        *((TypeError, {"momentum": m}) for m in (None, "0.1", [0.1], 1j)),
        *((ValueError, {"momentum": m}) for m in (-0.1, 1.5, float("inf"))),
        *((TypeError, {"affine": a}) for a in (0, 1, "yes", None)),
        *((ValueError, {"use_batch_statistics": u}) for u in (0, 1, "yes")),
        *((ValueError, {"data_format": f}) for f in ("nchw", "NCDHW", None, 3)),
        *((TypeError, {"gamma_init": g}) for g in (None, [1, 2, 3], 1j)),
        *((ValueError, {"moving_var_init": g}) for g in ("nope", "", "identity")),
        *((NotImplementedError, {"beta_init": g}) for g in ("normal", "Uniform")),
        *((TypeError, {"dtype": d}) for d in ("nope", 3)),
        (ValueError, {"dtype": None}),
    ],
    ids=str,
)
def test_constructor_refuses(kind: type[Exception], arguments: dict[str, Any]) -> None:
    """The message names the parameter and the value."""
    with pytest.raises(kind) as refused:
        BatchNorm2d(**{"num_features": 3, **arguments})
    ((name, value),) = arguments.items()
    assert f"{name}={value!r}" in str(refused.value)


@pytest.mark.parametrize("shape", [(4,), (1, 3), (3, 1), ()], ids=str)
def test_initial_array_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    """The message has both shapes."""
    with pytest.raises(ValueError, match=r"beta_init has shape .*: give \(3,\)"):
        BatchNorm2d(3, beta_init=np.ones(shape))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("kind", "eps"),
    [
        *((TypeError, e) for e in (0, 1, 2, "1e-5", None, True, [1e-5])),
        *((ValueError, e) for e in (0.0, -1e-3, 2.0, float("nan"), float("inf"))),
    ],
    ids=str,
)
def test_eps_is_looked_at_when_the_layer_is_called(
    kind: type[Exception], eps: Any, training: bool
) -> None:
    """Every eps makes a layer; in both modes only a float in (0, 1] computes."""
    layer = BatchNorm2d(3, eps=eps).set_train(training)
    with pytest.raises(kind, match=r"eps=.* in \(0, 1\]"):
        layer(X)


def test_nan_momentum_is_refused_in_training_alone() -> None:
    """No comparison in the constructor sees it; inference does not need it."""
    layer = BatchNorm2d(3, momentum=float("nan"))
    assert np.isfinite(layer(X)).all()
    with pytest.raises(ValueError, match="momentum=nan"):
        layer.set_train()(X)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("kind", "x"),
    [
        (ValueError, X[0]),
        (ValueError, X[..., None]),
        (ValueError, X[:, :2]),
        (ValueError, X[:0, :2]),
        (TypeError, X.astype(np.float64)),
        (TypeError, X.astype(np.int32)),
        (TypeError, X.astype(ml_dtypes.bfloat16)),
        (TypeError, [[1.0]]),
        (TypeError, None),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(getattr(value, "shape", value)),
)
def test_data_are_looked_at(kind: type[Exception], x: Any, training: bool) -> None:
    """Rank, channels and format, in both modes; the message says what is wrong with x."""
    with pytest.raises(kind, match=r"\bx (has|is)"):
        BatchNorm2d(3).set_train(training)(x)


@pytest.mark.parametrize("dtype", ["float64", "int32", "bfloat16"])
def test_parameters_of_other_formats_make_a_layer_that_cannot_compute(dtype: str) -> None:
    """The constructor takes them; the call refuses."""
    layer = BatchNorm2d(3, dtype=dtype)
    with pytest.raises(TypeError, match=f"has dtype {dtype}: give float16 or float32"):
        layer(X)


@pytest.mark.parametrize("training", [True, False])
def test_parameters_of_two_formats_are_refused(training: bool) -> None:
    """All four have to agree; in training this is seen before the channels."""
    layer = BatchNorm2d(3, gamma_init=ONES.astype(np.float16)).set_train(training)
    with pytest.raises(TypeError, match="gamma has dtype float16: give float32"):
        layer(X)
    with pytest.raises(
        TypeError if training else ValueError, match="dtype" if training else "channels"
    ):
        layer(X[:, :2])


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


def test_backward_needs_a_call_and_its_shape() -> None:
    """Both are refused with a message."""
    layer = BatchNorm2d(3)
    with pytest.raises(RuntimeError, match="no forward call"):
        layer.backward(X)
    layer(X)
    with pytest.raises(ValueError, match="grad_output has shape"):
        layer.backward(X[:2])


def test_only_arrays_are_assigned() -> None:
    """A parameter that is no array is refused where it is assigned."""
    with pytest.raises(TypeError, match="gamma is of type float: give an array"):
        BatchNorm2d(3).gamma = 2.0  # type: ignore[assignment]  # that is the point


def test_loading_tells_what_is_missing_on_either_side() -> None:
    """What both have is copied, converted between floating-point formats."""
    layer = BatchNorm2d(3)
    state: dict[str, Array] = {"mean": 2 * np.ones(3), "foo": ONES}
    assert load_param_into_net(layer, state) == (["variance", "gamma", "beta"], ["foo"])
    assert (layer.moving_mean.dtype.name, layer.moving_mean.tolist()) == ("float32", [2, 2, 2])


def test_state_of_one_layer_is_loaded_into_another() -> None:
    """To the bit, for the layer with a layer inside too."""
    one, other = BatchNorm3d(3).set_train(), BatchNorm3d(3)
    one(X[..., None])
    assert load_param_into_net(other, one.parameters_dict()) == ([], [])
    assert [a.tobytes() for a in one.parameters_dict().values()] == [
        a.tobytes() for a in other.parameters_dict().values()
    ]


@pytest.mark.parametrize(
    ("kind", "net", "state", "options", "said"),
    [
        (TypeError, 3, {}, {}, "net is of type int"),
        (TypeError, BatchNorm2d(3), [ONES], {}, "parameter_dict is of type list"),
        (TypeError, BatchNorm2d(3), {"mean": [1, 1, 1]}, {}, "'mean'.* list"),
        (TypeError, BatchNorm2d(3), {1: ONES}, {}, "1.* int"),
        (TypeError, BatchNorm2d(3), {}, {"strict_load": 1}, "strict_load=1"),
        (TypeError, BatchNorm2d(3), {}, {"remove_redundancy": 1}, "remove_redundancy=1"),
        (RuntimeError, BatchNorm2d(3), {"mean": np.ones(4)}, {}, r"mean has shape \(4,\)"),
        (RuntimeError, BatchNorm2d(1), {"mean": np.ones(())}, {}, r"mean has shape \(\)"),
        (RuntimeError, BatchNorm2d(3), {"mean": np.ones(3, int)}, {}, "mean has dtype int"),
        (
            RuntimeError,
            BatchNorm2d(3),
            {"mean": np.ones(3)},
            {"strict_load": True},
            "mean has dtype float64: give float32",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_loading_refuses(
    kind: type[Exception], net: Any, state: Any, options: dict[str, Any], said: str
) -> None:
    """The message names what is wrong."""
    with pytest.raises(kind, match=said):
        load_param_into_net(net, state, **options)


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
