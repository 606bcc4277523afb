"""The state of the local layers in MindSpore's style: its names, and how it is loaded."""

from typing import Any

import numpy as np
import pytest
from bnparity.layers.mindspore_api import BatchNorm1d, BatchNorm2d, BatchNorm3d, load_param_into_net
from numpy.typing import NDArray

Array = NDArray[Any]
X = np.arange(48, dtype=np.float32).reshape(4, 3, 2, 2)
ONES = np.ones(3, np.float32)


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
