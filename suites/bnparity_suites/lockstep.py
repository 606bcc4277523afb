"""A framework's layer and the local one told the same, step after step, in whatever order.

Each is judged by the oracle at every step, from its own state, and its drift is bounded; what one
refuses the other has to refuse too.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from bnparity.backends import Array, LayerError, Remote
from bnparity.judging import Api, Trajectory, follow
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bnparity_suites.pairs import KINDS_AND_SYNC

State: TypeAlias = dict[str, Array]

CHANNELS = 3

_EPS = st.sampled_from([1e-5, 1e-3, 0.5])
_MOMENTUM = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])

#: Arguments of the constructors, but for the number of channels.
_ARGUMENTS: dict[Api, st.SearchStrategy[dict[str, Any]]] = {
    "torch": st.fixed_dictionaries(
        {},
        optional={
            "eps": _EPS,
            "momentum": _MOMENTUM | st.none(),
            "affine": st.booleans(),
            "track_running_stats": st.booleans(),
        },
    ),
    "mindspore": st.fixed_dictionaries(
        {},
        optional={
            "eps": _EPS,
            "momentum": _MOMENTUM,
            "affine": st.booleans(),
            "gamma_init": st.sampled_from(["zeros", 2.5]),
            "moving_var_init": st.sampled_from([0.25, 3]),
            "use_batch_statistics": st.none() | st.booleans(),
        },
    ),
}

#: Attributes that a program may set on its way, and their values.
_ATTRIBUTES: dict[Api, st.SearchStrategy[tuple[str, Any]]] = {
    "torch": st.one_of(
        st.tuples(st.just("momentum"), _MOMENTUM | st.none()),
        st.tuples(st.just("eps"), _EPS),
        st.tuples(st.just("track_running_stats"), st.booleans()),
    ),
    "mindspore": st.one_of(
        st.tuples(st.just("momentum"), _MOMENTUM | st.none()),
        st.tuples(st.just("eps"), _EPS),
        st.tuples(st.just("use_batch_statistics"), st.none() | st.booleans()),
    ),
}


class Lockstep(RuleBasedStateMachine):
    """Two layers of one API, of the kinds that `real` and `local` drive."""

    states: Bundle[tuple[State, State]] = Bundle("states")

    def __init__(self, api: Api, real: Remote, local: Remote) -> None:
        super().__init__()
        self.api, self.remotes = api, (real, local)
        self.layers: list[Trajectory] = []

    @initialize(kind=st.sampled_from(KINDS_AND_SYNC), data=st.data())
    def make(self, kind: str, data: st.DataObject) -> None:
        """Make two layers with the same arguments."""
        self.kind, self.arguments = kind, data.draw(_ARGUMENTS[self.api])
        self._make()

    def _make(self) -> None:
        self.layers = [
            follow(remote, self.api, self.kind, CHANNELS, **self.arguments)
            for remote in self.remotes
        ]

    @rule(mode=st.booleans())
    def switch(self, mode: bool) -> None:
        """Switch to training, or to inference."""
        self._both(lambda layer: layer.train(mode))

    @rule(data=st.data(), seed=st.integers(0, 999), gradient=st.booleans())
    def call(self, data: st.DataObject, seed: int, gradient: bool) -> None:
        """Call the layers with a batch of any size."""
        least = 1 if self.api == "mindspore" else 0  # what MindSpore makes of nothing: `test_known`
        space = data.draw(_space(self.api, self.kind))
        shape = (data.draw(st.integers(least, 5)), CHANNELS, *space)
        rng = np.random.default_rng(seed)
        x = rng.normal(rng.choice([0.0, 3.0, 100.0]), 2.0, size=shape).astype(np.float32)
        grad_output = rng.normal(size=shape).astype(np.float32) if gradient else None
        self._both(lambda layer: _judged(layer, x, grad_output))

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """Set an attribute."""
        name, value = data.draw(_ATTRIBUTES[self.api])
        self._both(lambda layer: layer.set(name, value))

    @rule(target=states)
    def save(self) -> tuple[State, State]:
        """Save the state of both layers."""
        one, other = (layer.layer.state() for layer in self.layers)
        return one, other

    @rule(state=states, crossed=st.booleans(), fresh=st.booleans())
    def load(self, state: tuple[State, State], crossed: bool, fresh: bool) -> None:
        """Load a state into the layers, or into fresh ones; crossed, into the other's imitation."""
        if fresh:
            self._make()
        given = iter(reversed(state) if crossed else state)
        self._both(lambda layer: _loaded(layer, next(given)))

    @invariant()
    def batches_are_counted_alike(self) -> None:
        """The number of batches is a whole number, and the same."""
        states = [layer.layer.state() for layer in self.layers]
        counts = [state.get("num_batches_tracked") for state in states]
        assert not counts or counts[0] == counts[1], counts

    def _both(self, step: Callable[[Trajectory], None]) -> None:
        """Do the same to both layers: if one refuses, the other must."""
        refused = [_refusal(step, layer) for layer in self.layers]
        assert refused[0] == refused[1], refused


def lockstep(api: Api, real: Remote, local: Remote) -> type[Lockstep]:
    """Return the machine that drives layers of `real` and of `local`."""

    class Pair(Lockstep):
        def __init__(self) -> None:
            super().__init__(api, real, local)

    return Pair


def _refusal(step: Callable[[Trajectory], None], layer: Trajectory) -> str | None:
    try:
        step(layer)
    except LayerError as refused:
        return refused.type
    return None


def _judged(layer: Trajectory, x: Array, grad_output: Array | None) -> None:
    failed = [check for check in layer.call(x, grad_output) if check.verdict == "fail"]
    assert not failed, (layer, failed)


def _loaded(layer: Trajectory, state: State) -> None:
    layer.load(state)
    after = layer.layer.state()
    assert {name: array.tobytes() for name, array in after.items()} == {
        name: array.tobytes() for name, array in state.items()
    }


def _space(api: Api, kind: str) -> st.SearchStrategy[tuple[int, ...]]:
    """Return the sizes of what a batch has behind its channels."""
    size = st.integers(1, 3)
    if kind == "SyncBatchNorm":
        axes = (0, 2) if api == "mindspore" else (0, 1, 2, 3)
        return st.one_of([st.tuples(*[size] * count) for count in axes])
    if kind == "BatchNorm1d":
        return st.just(()) | st.tuples(size)
    return st.tuples(*[size] * {"BatchNorm2d": 2, "BatchNorm3d": 3}[kind])
