"""Layers as records, translated there and back."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.errors import UsageError
from bnparity.porting.translation import Layer, translate
from hypothesis import given
from hypothesis import strategies as st
from translatable import mindspore_layers, the_parts, torch_layers

C = 3
ZEROS, ONES = np.zeros(C, np.float32), np.ones(C, np.float32)
TORCH_STATE = {"weight": ONES, "bias": ZEROS, "running_mean": ZEROS, "running_var": ONES}
MINDSPORE_STATE = {"gamma": ONES, "beta": ZEROS, "moving_mean": ZEROS, "moving_variance": ONES}


def torch_layer(state: Any = None, **arguments: Any) -> Layer:
    """Return a BatchNorm2d of torch's with C channels."""
    arguments = {"num_features": C, **arguments}
    return Layer(api="torch", kind="BatchNorm2d", arguments=arguments, state=state)


def mindspore_layer(state: Any = None, **arguments: Any) -> Layer:
    """Return a BatchNorm2d of MindSpore's with C channels."""
    arguments = {"num_features": C, **arguments}
    return Layer(api="mindspore", kind="BatchNorm2d", arguments=arguments, state=state)


def carrying(carried: Any, state: Any) -> Layer:
    """Return a BatchNorm2d of MindSpore's that carries something."""
    arguments = {"num_features": C}
    return Layer(
        api="mindspore", kind="BatchNorm2d", arguments=arguments, state=state, carried=carried
    )


@given(layer=torch_layers())
def test_torch_there_and_back_is_the_identity(layer: Layer) -> None:
    """Arguments, mode and every bit of the state come back."""
    there = translate(layer, to="mindspore")
    assert (there.api, there.losses) == ("mindspore", ())
    assert the_parts(translate(there, to="torch")) == the_parts(layer)


@given(layer=mindspore_layers())
def test_mindspore_there_and_back_is_the_identity(layer: Layer) -> None:
    """Arguments, mode and every bit of the state come back."""
    there = translate(layer, to="torch")
    assert (there.api, there.losses) == ("torch", ())
    assert the_parts(translate(there, to="mindspore")) == the_parts(layer)


@given(layer=st.one_of(torch_layers(), mindspore_layers()))
def test_checkpoints_name_the_same_state(layer: Layer) -> None:
    """A record made from the names in its checkpoint is the same record."""
    again = Layer(
        api=layer.api,
        kind=layer.kind,
        arguments=layer.arguments,
        training=layer.training,
        state=None if layer.state is None else layer.checkpoint(),
    )
    assert the_parts(again) == the_parts(layer)


def test_momentum_of_minus_zero_is_zero() -> None:
    """The sign has no way back from a momentum of 1, and no meaning."""
    layer = torch_layer(momentum=-0.0)
    assert repr(layer.get("momentum")) == "0.0"
    assert the_parts(translate(translate(layer, to="mindspore"), to="torch")) == the_parts(layer)


def test_state_is_renamed() -> None:
    """Each array is found under the other API's name."""
    arrays = {name: np.full(C, i, np.float32) for i, name in enumerate(TORCH_STATE)}
    there = translate(torch_layer(arrays), to="mindspore").state
    assert there is not None
    assert there["gamma"] is arrays["weight"]
    assert there["beta"] is arrays["bias"]
    assert there["moving_mean"] is arrays["running_mean"]
    assert there["moving_variance"] is arrays["running_var"]


def test_count_of_batches_is_carried_and_said() -> None:
    """MindSpore's state has no such name, the record keeps it, and a note says so."""
    there = translate(torch_layer({**TORCH_STATE, "num_batches_tracked": 7}), to="mindspore")
    assert there.state is not None
    assert "num_batches_tracked" not in there.state
    assert there.carried == {"num_batches_tracked": 7}
    assert any("num_batches_tracked=7" in note for note in there.notes)


def test_without_affine_mindspore_still_has_gamma_and_beta() -> None:
    """They are 1 and 0, as in a layer of MindSpore's made with affine=False."""
    state = {"running_mean": ZEROS, "running_var": ONES}
    there = translate(torch_layer(state, affine=False), to="mindspore")
    assert there.state is not None
    assert the_parts(there) == the_parts(mindspore_layer(there.state, affine=False))
    assert there.state["gamma"].tolist() == [1.0] * C
    assert there.state["beta"].tolist() == [0.0] * C


@pytest.mark.parametrize("training", [True, False, None])
def test_mode_is_kept(training: bool | None) -> None:
    """The tracked rows of the mode tables are each other's translation."""
    layer = Layer(api="torch", kind="BatchNorm1d", arguments={"num_features": C}, training=training)
    there = translate(layer, to="mindspore")
    assert (there.training, there.get("use_batch_statistics")) == (training, None)


@pytest.mark.parametrize(
    ("initialisers", "name", "values"),
    [
        ({"gamma_init": 2}, "weight", [2.0] * C),
        ({"beta_init": "ONES"}, "bias", [1.0] * C),
        ({"moving_mean_init": np.arange(3.0)}, "running_mean", [0.0, 1.0, 2.0]),
        ({"moving_var_init": "zeros"}, "running_var", [0.0] * C),
        ({"gamma_init": 2}, "running_var", [1.0] * C),
    ],
)
def test_initialisers_become_state(
    initialisers: dict[str, Any], name: str, values: list[float]
) -> None:
    """What torch's constructor cannot say, its state can."""
    state = translate(mindspore_layer(**initialisers), to="torch").state
    assert state is not None
    assert state[name].tolist() == values


def test_state_overwrites_initialisers() -> None:
    """A random initialiser is no obstacle where the values are known."""
    assert translate(mindspore_layer(MINDSPORE_STATE, gamma_init="normal"), to="torch").losses == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Layer(api="torhc", kind="BatchNorm2d", arguments={}), "did you mean torch"),  # type: ignore[arg-type]
        (lambda: Layer(api="torch", kind="BatchNorm4d", arguments={}), "'BatchNorm4d'"),
        (lambda: Layer(api="torch", kind="BatchNorm2d", arguments={}), "num_features is missing"),
        (lambda: torch_layer(training=True), "training=True"),
        (lambda: torch_layer({**TORCH_STATE, "weigth": ONES}), "did you mean weight"),
        (lambda: torch_layer({"weight": ONES}), "bias, running_mean, running_var is missing"),
        (lambda: torch_layer({**TORCH_STATE, "bias": np.zeros(4, "f")}), r"shape \(4,\)"),
        (lambda: torch_layer({**TORCH_STATE, "bias": np.zeros(C)}), "'bias' is float64"),
        (lambda: torch_layer({**TORCH_STATE, "num_batches_tracked": -1}), "-1"),
        (lambda: torch_layer(TORCH_STATE, affine=False), "'weight'"),
        (lambda: torch_layer(TORCH_STATE, track_running_stats=False), "'running_mean'"),
        (lambda: mindspore_layer({"gamma": ONES, "bn2d.gamma": ONES}), "'bn2d.gamma'"),
        (lambda: mindspore_layer({"mean": ONES, "moving_mean": ONES}), "two names"),
        (lambda: mindspore_layer(gamma_init=np.zeros(4)), r"gamma has shape \(4,\)"),
        (lambda: mindspore_layer(gamma_init=[1.0]), r"gamma_init=\[1.0\]"),
        (lambda: torch_layer(eps="small"), "eps='small'"),
        (lambda: torch_layer(eps=10**400), "eps is beyond"),
        (lambda: torch_layer(affine=1), "affine=1"),
        (lambda: torch_layer(dtype="float31"), "did you mean float32"),
        (lambda: mindspore_layer(use_batch_statistics=0), "use_batch_statistics=0"),
        (lambda: mindspore_layer(data_format="NCWH"), "data_format='NCWH'"),
        (lambda: carrying({"num_batches_tracked": 7}, state=None), "carried="),
        (lambda: carrying({"runs": 7}, state=MINDSPORE_STATE), "'runs'"),
        (lambda: translate(3, to="torch"), "of type int"),  # type: ignore[call-overload]
        (lambda: translate(torch_layer(), to="torch"), "already"),
        (lambda: translate(torch_layer(), to="keras"), "'keras'"),
    ],
)
def test_what_is_no_layer_is_a_mistake(make: Any, said: str) -> None:
    """The message names what was given, and it is one line."""
    with pytest.raises(UsageError, match=said) as error:
        make()
    assert "\n" not in str(error.value)
