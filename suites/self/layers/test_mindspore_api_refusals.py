"""What the local layers in MindSpore's style refuse, by the exceptions that MindSpore raised."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from bnparity.layers.mindspore_api import BatchNorm2d

X = np.arange(48, dtype=np.float32).reshape(4, 3, 2, 2)
ONES = np.ones(3, np.float32)


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
