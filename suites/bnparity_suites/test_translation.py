"""What is translated goes on, in the other framework, as it would have in its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
import pytest
from bnparity.backends import Opened, Remote, make
from bnparity.judging import Trajectory
from bnparity.porting import Api, Layer, checkpoint_names, other, translate
from hypothesis import strategies as st
from numpy.typing import NDArray

from bnparity_suites.pairs import KINDS, SPACE, each_api

CHANNELS = 3

SETTINGS = hypothesis.settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)

_SHARED: dict[str, st.SearchStrategy[Any]] = {
    "eps": st.sampled_from([1, 1e-3, 1e-8]),
    "momentum": st.sampled_from([0, 1, 0.1, 0.3, 1e-9]) | st.floats(0, 1),
    "affine": st.booleans(),
}
_OWN: Mapping[Api, dict[str, st.SearchStrategy[Any]]] = {
    "torch": {"bias": st.booleans()},
    "mindspore": {
        "use_batch_statistics": st.none() | st.booleans(),
        "gamma_init": st.sampled_from(["zeros", 2.5]),
        "moving_var_init": st.sampled_from([0.25, 3]),
    },
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call on the way: its mode, and the size, the seed and the mean of its batch."""

    training: bool
    size: int
    seed: int
    mean: float

    def batch(self, kind: str) -> NDArray[np.float32]:
        """Return the data."""
        shape = (self.size, CHANNELS, *SPACE[kind])
        values = np.random.default_rng(self.seed).normal(self.mean, 2.0, size=shape)
        return values.astype(np.float32)


STEPS = st.lists(
    st.builds(
        Step,
        training=st.booleans(),
        size=st.integers(2, 5),  # of one value the APIs say different things
        seed=st.integers(0, 999),
        mean=st.sampled_from([0.0, 3.0, 100.0]),
    ),
    min_size=1,
    max_size=8,
)


@st.composite
def layers(draw: st.DrawFn, api: Api) -> Layer:
    """Draw a layer of `api` that the other API has too, with mode and mostly with a state."""
    kind = draw(st.sampled_from(KINDS))
    drawn = draw(st.fixed_dictionaries({}, optional={**_SHARED, **_OWN[api]}))
    fresh = Layer(api=api, kind=kind, arguments={"num_features": CHANNELS, **drawn}, training=False)
    state = draw(st.none() | st.integers(0, 999).map(lambda seed: _state(fresh, seed)))
    return Layer(
        api=api, kind=kind, arguments=fresh.arguments, training=draw(st.booleans()), state=state
    )


def _state(layer: Layer, seed: int) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(seed)
    state: dict[str, NDArray[Any]] = {
        name: rng.uniform(0.5, 2.0, CHANNELS).astype(np.float32)
        for name in checkpoint_names(layer.api, layer.kind)
    }
    left_out = {"weight", "bias"} if not layer.get("affine") else set()
    if layer.api == "torch":
        state["num_batches_tracked"] = np.array(seed)
        left_out |= set() if layer.get("bias") else {"bias"}
    return {name: array for name, array in state.items() if name not in left_out}


def _followed(remote: Remote, layer: Layer, source: Layer) -> Trajectory:
    """Return `layer`, made by `remote`, held to what `source` is told."""
    arguments = dict(layer.arguments)
    made = make(remote, layer.kind, arguments.pop("num_features"), **arguments)
    if layer.state is not None:
        made.load(layer.checkpoint())
    assert layer.training is not None
    made.train(layer.training)
    return Trajectory(
        layer=made,
        api=source.api,
        eps=source.get("eps"),
        momentum=source.get("momentum"),
        training=layer.training,
        use_batch_statistics=_told(source),
    )


def _told(layer: Layer) -> bool | None:
    told: bool | None = layer.get("use_batch_statistics") if layer.api == "mindspore" else None
    return told


def _switch(layer: Trajectory, source: Layer, training: bool) -> None:
    """Switch the mode; a layer whose source follows none keeps the one it was translated to."""
    if _told(source) is None:
        layer.train(training)


@each_api
def test_translated_layer_follows_the_same_trajectory(
    bn_opened: dict[str, Opened], api: Api
) -> None:
    """Both layers, each in its own framework, keep within the bound of what the source is told."""
    remotes = [bn_opened[name].remote for name in (api, other(api))]
    for name, remote in zip((api, other(api)), remotes, strict=True):
        if remote is None:
            pytest.skip(bn_opened[name].reason)

    @SETTINGS
    @hypothesis.given(source=layers(api), steps=STEPS)
    def follows(source: Layer, steps: list[Step]) -> None:
        translated = translate(source, other(api), lossy=True)
        pairs = zip(remotes, (source, translated), strict=True)
        both = [_followed(remote, layer, source) for remote, layer in pairs if remote]
        for step in steps:
            x = step.batch(source.kind)
            for layer in both:
                _switch(layer, source, step.training)
                failed = [c for c in layer.call(x, np.flip(x).copy()) if c.verdict == "fail"]
                assert not failed, (translated, failed)

    follows()


@each_api
def test_layer_that_keeps_its_momentum_is_no_translation(
    bn_opened: dict[str, Opened], api: Api
) -> None:
    """What was not translated at all leaves the trajectory at the first step."""
    remote = bn_opened[other(api)].remote
    if remote is None:
        pytest.skip(bn_opened[other(api)].reason)
    arguments = {"num_features": CHANNELS, "momentum": 0.3}
    source, same = (
        Layer(api=a, kind="BatchNorm2d", arguments=arguments, training=True)
        for a in (api, other(api))
    )
    x = Step(training=True, size=4, seed=0, mean=3.0).batch("BatchNorm2d")
    checks = _followed(remote, same, source).call(x)
    failed = {check.output for check in checks if check.verdict == "fail"}
    assert failed >= {"running_mean", "running_var"}
