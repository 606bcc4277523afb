"""A world in which layers are as the documents have them, computed by the oracle.

What is planted is a field of the world; without any the layers do as most pages say. The pages
contradict each other and themselves, so there is no world in which every claim holds.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bnparity.backends.call import Array, Arrays
from bnparity.backends.layer_api import decoded
from bnparity.judging.trajectory import STATISTICS, Api
from bnparity.porting.claims.parameters import MINDSPORE, REQUIRED, TORCH
from bnparity_reference import Dialect, batch_norm

#: Stands for a parameter that is not there.
ABSENT = object()

_RANKS = {"BatchNorm1d": (2, 3), "BatchNorm2d": (4,), "BatchNorm3d": (5,)}
_STATE = ("weight", "bias", *STATISTICS)
_ATTRIBUTES: Mapping[Api, tuple[str, ...]] = {
    "torch": _STATE,
    "mindspore": ("gamma", "beta", "moving_mean", "moving_variance"),
}
_INITIAL = {"ones": 1.0, "zeros": 0.0}


@dataclass(frozen=True, kw_only=True)
class World:
    """A driver of layers of one API.

    Parameters
    ----------
    api
        Whose words the layers follow.
    dialect
        What they compute, momentum as PyTorch means it.
    parameters
        Changes of the documented signatures; `ABSENT` takes a parameter away.
    starts
        Whether a new layer trains; None is as documented.
    ranks
        Data that every class takes; None is as documented.
    input_name
        What a layer calls its data; empty is as documented.
    saved
        Names of scale, shift, mean and variance in a saved state; empty is as documented.
    refused
        Values of parameters that are refused, and ``"NHWC"``.
    ignored
        Parameters without any effect.
    wide
        Values in the state beside those of the channels.
    learns_untracked
        Whether weight and bias learn in inference without statistics.
    learns_fixed
        Whether gradients of weight and bias come with ``affine=False``.
    statistics_stand
        Whether ``use_batch_statistics=True`` leaves the running statistics.
    reloads
        Whether a layer that is switched to inference takes its initial statistics again.
    swaps
        Whether scale and shift change places in the output.
    wraps
        Whether BatchNorm3d has a layer called ``bn2d``.
    """

    api: Api
    dialect: Dialect = field(default_factory=Dialect)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    starts: bool | None = None
    ranks: tuple[int, ...] | None = None
    input_name: str = ""
    saved: tuple[str, ...] = ()
    refused: tuple[Any, ...] = ()
    ignored: tuple[str, ...] = ()
    wide: int = 0
    learns_untracked: bool = False
    learns_fixed: bool = False
    statistics_stand: bool = False
    reloads: bool = True
    swaps: bool = False
    wraps: bool = True

    def layer_class(self, kind: str) -> Any:
        """Return a class whose signature and method are as documented for `kind`."""
        kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
        listed = [
            inspect.Parameter(name, kinds, default=default_of(default))
            for name, default in self.documented(kind).items()
        ]
        name = self.input_name or {"torch": "input", "mindspore": "x"}[self.api]

        def forward(layer: Layer, x: Array) -> Array:
            return layer.run(x, None)["output"]

        own = [inspect.Parameter(name, kinds) for name in ("self", name)]
        vars(forward)["__signature__"] = inspect.Signature(own)
        method = {"torch": "forward", "mindspore": "construct"}[self.api]
        namespace = {"__signature__": inspect.Signature(listed), "world": self, method: forward}
        return type(kind, (Layer,), namespace)

    def documented(self, kind: str) -> dict[str, Any]:
        """Return the parameters of a class with their defaults."""
        last: dict[str, Any] = {"data_format": "NCHW"}
        if kind == "BatchNorm3d":
            last = {}
        if kind == "SyncBatchNorm":
            last = {"process_groups": None}
        torch_last = {"process_group": None} if kind == "SyncBatchNorm" else {}
        api = {**TORCH, **torch_last} if self.api == "torch" else {**MINDSPORE, **last}
        changed = {**api, **self.parameters}
        return {name: default for name, default in changed.items() if default is not ABSENT}

    def ranks_of(self, kind: str) -> tuple[int, ...]:
        """Return the ranks of data that a class takes."""
        sync = (2, 4) if self.api == "mindspore" else (2, 3, 4, 5)
        return self.ranks or _RANKS.get(kind, sync)

    def saved_names(self) -> tuple[str, ...]:
        """Return the names of scale, shift, mean and variance in a saved state."""
        mindspore = ("gamma", "beta", "mean", "variance")
        return self.saved or (_STATE if self.api == "torch" else mindspore)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as it is."""
        return decoded(encoded, arrays, array=np.asarray, dtype=str)

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what the layer computes."""
        return dict(layer.run(x, grad_output))

    def train(self, layer: Any, mode: bool) -> None:
        """Switch the layer."""
        layer.training = mode
        if self.reloads and not mode:
            layer.reset()

    def state(self, layer: Any) -> dict[str, Array]:
        """Return what there is of scale, shift, mean and variance."""
        held = zip(self.saved_names(), _ATTRIBUTES[self.api], strict=True)
        return {name: vars(layer)[own] for name, own in held if own in vars(layer)}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Set them."""
        own = dict(zip(self.saved_names(), _ATTRIBUTES[self.api], strict=True))
        for name, array in state.items():
            setattr(layer, own[name], array)


class Layer:
    """A layer of a world; scale, shift, mean and variance are attributes by the API's names."""

    world: World

    def __init__(self, *positional: Any, **named: Any) -> None:
        bound = inspect.signature(type(self)).bind(*positional, **named)
        bound.apply_defaults()
        self.given = bound.arguments
        for name, value in self.given.items():
            if (name, value) in self.world.refused:
                raise ValueError(f"{name} is {value}, which this world refuses")
        kind = type(self).__name__
        documented = self.world.api == "torch" or kind == "BatchNorm1d"
        self.training = documented if self.world.starts is None else self.world.starts
        if kind == "BatchNorm3d" and self.world.wraps:
            self.bn2d = "a layer"
        self.reset()

    def reset(self) -> None:
        """Give the parameters and the statistics their initial values."""
        initials = ("gamma_init", "beta_init", "moving_mean_init", "moving_var_init")
        defaults = ("ones", "zeros", "zeros", "ones")
        tracked = self._argument("track_running_stats", True)
        names = _ATTRIBUTES[self.world.api]
        length = self.given["num_features"] + self.world.wide
        for name, initial, default in zip(names, initials, defaults, strict=True):
            if tracked or name not in STATISTICS:
                value = self._argument(initial, default)
                number = _INITIAL[value] if isinstance(value, str) else value
                setattr(self, name, np.broadcast_to(np.float32(number), length).copy())

    def run(self, x: Array, grad_output: Array | None) -> dict[str, Array]:
        """Return the output and the gradients; move the statistics."""
        if x.ndim not in self.world.ranks_of(type(self).__name__):
            raise ValueError(f"data of rank {x.ndim} are not taken")
        last = self._argument("data_format", "NCHW") == "NHWC"
        names = _ATTRIBUTES[self.world.api]
        weight, bias, mean, var = (vars(self).get(name) for name in names)
        if self.world.swaps:
            weight, bias = bias, weight
        use = self._argument("use_batch_statistics", None)
        training = self.training if use is None else use
        exact = batch_norm(
            x.astype(np.float64),
            *(None if a is None else a.astype(np.float64) for a in (weight, bias, mean, var)),
            dialect=self.world.dialect,
            training=training,
            momentum=self._momentum(),
            eps=self.given["eps"],
            grad_output=None if grad_output is None else grad_output.astype(np.float64),
            channel_axis=-1 if last else 1,
        )
        if mean is not None and not (use is True and self.world.statistics_stand):
            setattr(self, names[2], np.asarray(exact.running_mean, np.float32))
            setattr(self, names[3], np.asarray(exact.running_var, np.float32))
        learns = self.given["affine"] or self.world.learns_fixed
        if mean is None and not training:
            learns = learns and self.world.learns_untracked
        gradients = ("grad_weight", "grad_bias") if learns else ()
        wanted = ("output", "grad_input", *gradients)
        answers = {name: getattr(exact, name) for name in wanted}
        return {n: np.asarray(a, np.float32) for n, a in answers.items() if a is not None}

    def _momentum(self) -> float | None:
        momentum: float | None = self.given["momentum"]
        own = momentum is None or self.world.api == "torch"
        return momentum if own or momentum is None else 1.0 - momentum

    def _argument(self, name: str, default: Any) -> Any:
        return default if name in self.world.ignored else self.given.get(name, default)


def default_of(default: Any) -> Any:
    """Return a default as `inspect` has it."""
    return inspect.Parameter.empty if default is REQUIRED else default
