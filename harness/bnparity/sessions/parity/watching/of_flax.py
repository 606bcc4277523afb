"""How models of Flax are run, with the channels last, watched and changed; loaded by its path.

A module of linen has to be bound to its variables; one of nnx holds them. Nothing is compiled, so
that what goes through a layer can be seen.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
from flax import linen, nnx
from flax.traverse_util import flatten_dict, unflatten_dict
from numpy.typing import NDArray

Array = NDArray[Any]

#: What a model calls its mode, and the value that it has in training.
_MODES = {
    **dict.fromkeys(("training", "train", "is_training"), True),
    **dict.fromkeys(("use_running_average", "inference", "deterministic", "eval"), False),
}
#: Our names, the collection of linen's that has the array, and Flax's name of it.
_STATE = {
    "weight": ("params", "scale"),
    "bias": ("params", "bias"),
    "running_mean": ("batch_stats", "mean"),
    "running_var": ("batch_stats", "var"),
}
#: An attribute of a layer of nnx: what transforms a model copies the layer, and keeps this.
_PATH = "path_in_the_model"


class Framework:
    """Flax, as `record` asks for it."""

    name = "flax"

    def __init__(self) -> None:
        self._variables: dict[str, Any] = {}

    def run(self, model: Any, x: Array, *, training: bool) -> Array:
        """Return the output of the module."""
        data = np.moveaxis(x, 1, -1) if x.ndim > 2 else x
        told = _mode(model, training=training)
        with jax.disable_jit():
            if isinstance(model, nnx.Module):
                (model.train if training else model.eval)()
                return np.asarray(model(data, **told))
            changing = [name for name in self._variables if name != "params"]
            rngs = {"dropout": jax.random.key(0)}
            output, _ = model.unbind()[0].apply(
                self._variables, data, mutable=changing, rngs=rngs, **told
            )
            return np.asarray(output)

    @contextmanager
    def watched(self, model: Any, see: Callable[..., None]) -> Iterator[None]:
        """Stand before the call of all BatchNorms."""
        with _nnx_watched(model, see) if isinstance(model, nnx.Module) else _linen_watched(see):
            yield

    def arrays(self, model: Any) -> dict[str, Array]:
        """Return parameters and statistics, by their paths."""
        if isinstance(model, nnx.Module):
            return {path: np.array(variable[...]) for path, variable in _held(model).items()}
        if model.scope is None:
            raise TypeError("the module has no variables: give module.bind(variables)")
        return {n: np.array(a) for n, a in flatten_dict(model.variables, sep="/").items()}

    def put(self, model: Any, arrays: Mapping[str, Array]) -> None:
        """Set parameters and statistics; linen's stand beside the module."""
        if not isinstance(model, nnx.Module):
            self._variables = unflatten_dict(dict(arrays), sep="/")
            return
        for path, variable in _held(model).items():
            variable[...] = arrays[path]


def _mode(model: Any, *, training: bool) -> dict[str, bool]:
    """Return the keyword that tells a model its mode; nothing if it takes none."""
    names = [name for name in inspect.signature(type(model).__call__).parameters if name in _MODES]
    return {name: _MODES[name] == training for name in names[:1]}


@contextmanager
def _linen_watched(see: Callable[..., None]) -> Iterator[None]:
    def call(original: Any, given: Any, named: Any, context: Any) -> Any:
        layer = context.module
        if not isinstance(layer, linen.BatchNorm) or context.method_name != "__call__":
            return original(*given, **named)
        before = _linen_state(layer)
        output = original(*given, **named)
        facts = _facts(layer, "/".join(layer.path), given, named)
        see(facts, _data(given, output) | before, _linen_state(layer))
        return output

    with linen.intercept_methods(call):
        yield


@contextmanager
def _nnx_watched(model: Any, see: Callable[..., None]) -> Iterator[None]:
    layers = {p: node for p, node in nnx.iter_graph(model) if isinstance(node, nnx.BatchNorm)}
    for path, layer in layers.items():
        setattr(layer, _PATH, "/".join(map(str, path)))
    original = nnx.BatchNorm.__call__

    def call(layer: Any, *given: Any, **named: Any) -> Any:
        before = _nnx_state(layer)
        output = original(layer, *given, **named)
        facts = _facts(layer, getattr(layer, _PATH), given, named)
        see(facts, _data(given, output) | before, _nnx_state(layer))
        return output

    nnx.BatchNorm.__call__ = call
    try:
        yield
    finally:
        nnx.BatchNorm.__call__ = original
        for layer in layers.values():
            delattr(layer, _PATH)


def _held(model: Any) -> dict[str, Any]:
    """Return the variables of a module of nnx that are parameters or statistics, by their paths."""
    kinds = (nnx.Param, nnx.BatchStat)
    nodes = nnx.iter_graph(model)
    return {"/".join(map(str, path)): node for path, node in nodes if isinstance(node, kinds)}


def _data(given: Any, output: Any) -> dict[str, Array | None]:
    return {"x": np.asarray(given[0]), "output": np.asarray(output)}


def _linen_state(layer: Any) -> dict[str, Array | None]:
    arrays = {ours: layer.variables.get(c, {}).get(name) for ours, (c, name) in _STATE.items()}
    return {ours: None if array is None else np.array(array) for ours, array in arrays.items()}


def _nnx_state(layer: Any) -> dict[str, Array | None]:
    variables = {ours: getattr(layer, name) for ours, (_, name) in _STATE.items()}
    return {ours: None if v is None else np.array(v[...]) for ours, v in variables.items()}


def _facts(layer: Any, name: str, given: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    told = named.get("use_running_average", given[1] if len(given) > 1 else None)
    batch = not (layer.use_running_average if told is None else told)
    axis = layer.axis[0] if isinstance(layer.axis, list | tuple) else layer.axis
    facts = {"layer": name, "axis": int(axis), "eps": float(layer.epsilon)}
    return {**facts, "momentum": float(layer.momentum), "training": batch, "tracked": True}
