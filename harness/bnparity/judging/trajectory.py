"""A layer over time: every call judged by the oracle, and how far its state drifts from exact.

A call is judged from the state the layer had before it, so that an error is blamed on the step
that made it. The drift is the distance of the running statistics from those that the oracle has
after the same steps from the same start; it may be no more than the bounds of the steps add up to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact, batch_norm

from bnparity.backends import Array, Layer, Remote, format_of, make
from bnparity.cases import declaration
from bnparity.judging.bounds import error_bounds
from bnparity.judging.due import wide
from bnparity.judging.verdicts import TIGHT, Check, arithmetic_of, check, gate_of, judge

#: Whose words a layer follows.
Api: TypeAlias = Literal["torch", "mindspore"]

#: PyTorch's names of the running statistics.
STATISTICS = ("running_mean", "running_var")
#: What a check of the drift is called, before the name of the statistic.
DRIFT_OF = "drift of "
#: MindSpore's names of the state, as a checkpoint has them, and PyTorch's.
_NAMES = {
    "gamma": "weight",
    "beta": "bias",
    "mean": "running_mean",
    "variance": "running_var",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}

#: What `use_batch_statistics` turns MindSpore's dialect into, whatever the mode.
USE_BATCH_STATISTICS: Mapping[bool | None, Mapping[str, Any]] = {
    None: {},
    True: {"eval_statistics": "batch", "running_update": "always"},
    False: {"train_statistics": "running", "running_update": "never"},
}

#: Attributes of a layer that change what it computes, and what a trajectory calls them.
_SETTABLE: Mapping[str, Mapping[str, str]] = {
    "torch": {
        "eps": "eps",
        "momentum": "momentum",
        "training": "training",
        "track_running_stats": "tracked",
    },
    "mindspore": {"use_batch_statistics": "use_batch_statistics", "training": "training"},
}


def named_alike(state: Mapping[str, Array]) -> dict[str, Array]:
    """Return the state of a layer of either API under PyTorch's names.

    Examples
    --------
    >>> list(named_alike({"bn2d.gamma": np.ones(2), "bn2d.moving_mean": np.zeros(2)}))
    ['weight', 'running_mean']
    """
    short = {name.rpartition(".")[2]: array for name, array in state.items()}
    return {_NAMES.get(name, name): array for name, array in short.items()}


def expected_of(
    state: Mapping[str, Array],
    x: Array,
    grad_output: Array | None,
    *,
    dialect: Dialect,
    training: bool,
    tracked: bool,
    momentum: float | None,
    eps: float,
) -> Exact:
    """Return what a call gives, without rounding, from a state under PyTorch's names."""
    names = ("weight", "bias", *(STATISTICS if tracked or not training else ()))
    arrays = {"x": x, "grad_output": grad_output, **{name: state.get(name) for name in names}}
    return batch_norm(
        **wide(arrays),
        dialect=dialect,
        training=training,
        momentum=momentum,
        eps=eps,
        batches_tracked=int(state.get("num_batches_tracked", 0)),
    )


def follow(remote: Remote, api: str, kind: str, channels: int, **arguments: Any) -> "Trajectory":
    """Return the trajectory of a new layer, made with these arguments.

    `api` is an `Api`, or the dialect of a layer of one's own.

    Raises
    ------
    bnparity.backends.remote_layer.LayerError
        If the constructor raised something.
    """
    declared = declaration(api)
    return Trajectory(
        layer=make(remote, kind, channels, **arguments),
        api=api,
        eps=arguments.get("eps", declared.default_eps),
        momentum=arguments.get("momentum", declared.default_momentum),
        training=declared.starts_in == "training",
        tracked=arguments.get("track_running_stats", True),
        use_batch_statistics=arguments.get("use_batch_statistics"),
        settable={} if (api, kind) == ("mindspore", "BatchNorm3d") else _SETTABLE.get(api, {}),
    )


@dataclass(kw_only=True)
class Trajectory:
    """A layer, what it was told, and what became of its state.

    ``tracked`` is ``track_running_stats``, of PyTorch's alone, as ``use_batch_statistics`` is of
    MindSpore's. ``settable`` are the attributes of the layer that change what it computes, and
    what they are called here.
    """

    layer: Layer
    api: str
    eps: float
    momentum: float | None
    training: bool
    tracked: bool = True
    use_batch_statistics: bool | None = None
    settable: Mapping[str, str] = field(default_factory=dict)
    _true: dict[str, Array] = field(default_factory=dict, repr=False)
    _allowed: dict[str, Array] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._start()

    @property
    def dialect(self) -> Dialect:
        """The conventions of the API, as this layer's arguments change them."""
        told = self.use_batch_statistics
        changes = USE_BATCH_STATISTICS[None if told is None else bool(told)]
        return replace(declaration(self.api).dialect, **changes)

    def train(self, mode: bool) -> None:
        """Switch the layer to training, or to inference."""
        self.layer.train(mode)
        self.training = mode

    def load(self, state: Mapping[str, Array]) -> None:
        """Load a state that a layer of this API saved; the drift begins anew."""
        self.layer.load(state)
        self._start()

    def set(self, name: str, value: Any) -> None:
        """Give an attribute of the layer another value, and expect what the API then does.

        MindSpore's layers have built their operators by then: of what they were told only
        `use_batch_statistics` and the mode can still be changed, and of a BatchNorm3d, whose
        BatchNorm2d has been told, not even these.
        """
        self.layer.set(name, value)
        if name in self.settable:
            setattr(self, self.settable[name], value)
        else:
            self._start()

    def call(self, x: Array, grad_output: Array | None = None) -> tuple[Check, ...]:
        """Call the layer; return a check of each output, and of each statistic's drift.

        Checks of the drift are named ``drift of running_mean`` and ``drift of running_var``.
        """
        before = named_alike(self.layer.state())
        outputs = self.layer(x, grad_output)
        after = named_alike(self.layer.state())
        exact = self._expected(before, x, grad_output)
        found = {**outputs, **{name: after[name] for name in STATISTICS if name in after}}
        checks = judge(found, exact, dialect=self.dialect, dtype=x.dtype.name)
        return (*checks, *self._drift(before, after, x, exact))

    def _start(self) -> None:
        state = named_alike(self.layer.state())
        self._true = {name: state[name].astype(np.float64) for name in STATISTICS if name in state}
        self._allowed = {name: np.zeros(array.shape) for name, array in self._true.items()}

    def _expected(self, state: Mapping[str, Array], x: Array, grad_output: Array | None) -> Exact:
        return expected_of(
            state,
            x,
            grad_output,
            dialect=self.dialect,
            training=self.training,
            momentum=None if self.momentum is None else float(self.momentum),
            eps=float(self.eps),
            tracked=self.tracked,
        )

    def _drift(
        self, before: Mapping[str, Array], after: Mapping[str, Array], x: Array, exact: Exact
    ) -> list[Check]:
        """Return the checks of the drift after a call, and move what is exact on by it."""
        if exact.update is None or exact.update.share is None:
            return []
        true = self._expected({**before, **self._true}, x, None)
        arithmetic = arithmetic_of(self.dialect, format_of(x.dtype.name))
        kept, checks = abs(exact.update.kept or 0.0), []
        tight, any_order = (
            error_bounds(exact, dialect=self.dialect, arithmetic=arithmetic, growth=growth)
            for growth in (1, None)
        )
        for name in STATISTICS:
            now, near, far = getattr(true, name), tight[name], any_order[name]
            assert near is not None
            assert far is not None
            stored = format_of(after[name].dtype.name)
            step = TIGHT * gate_of(near, far) + np.abs(now) * stored.unit + stored.subnormal
            self._allowed[name] = kept * self._allowed[name] + step
            self._true[name] = now
            # `check` allows TIGHT bounds, and here the bound is the most that may be.
            drift = check(name, after[name], now, self._allowed[name] / TIGHT, arithmetic)
            checks.append(replace(drift, output=DRIFT_OF + name))
        return checks
