"""Any `flax.nnx.Module` that normalises, as its author has it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends.adapters.framework import Given, set_attributes
from bnparity.backends.adapters.jax_arrays import (
    jax_array,
    numpy_arrays,
    slopes_of,
    with_gradients,
)
from bnparity.backends.adapters.mode import mask_keyword, takes_mask
from bnparity.backends.call import Array, Call, Outputs


@dataclass(frozen=True, kw_only=True)
class NnxModules:
    """Modules of Flax's nnx, which hold their variables; channels are the last axis."""

    noun: str = "a flax.nnx.Module"
    training: str = "training by .train() and .eval()"
    copies: str = "data are copied with the channels last"
    dtypes: tuple[str, ...] = ("float32",)
    channels_last: bool = True
    stateful: bool = True
    own_formats: bool = True
    under_way: bool = False
    made_for_data: bool = False
    statistics_gradients: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, _: Any) -> str:
        """Return the dialect of the framework's own layers, which stop what linen lets through."""
        return "flax,statistics_gradient=stopped"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `flax.nnx.BatchNorm`."""
        from flax import nnx

        return {
            "use_scale": "weight" in having,
            "use_bias": "bias" in having,
            "rngs": nnx.Rngs(0),
        }

    def kept(self, layer: Any, _: Array) -> dict[str, Any]:
        """Return the arrays of the module and of those in it."""
        return {path: variable[...] for path, variable in _variables(layer).items()}

    def learns(self, layer: Any, path: str) -> bool:
        """Return whether it is a parameter."""
        from flax import nnx

        return isinstance(_variables(layer)[path], nnx.Param)

    def told(self, layer: Any, settings: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Set the attributes of the module and of those in it."""
        from flax import nnx

        modules = [node for _, node in nnx.iter_graph(layer) if isinstance(node, nnx.Module)]
        return layer, set_attributes(modules, settings, self.names)

    def takes_mask(self, layer: Any) -> bool:
        """Return whether it has a keyword for a mask."""
        return takes_mask(layer.__call__)

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the module returns, its gradients, and its variables as a state."""
        from flax import nnx

        held = _variables(layer)
        for path, array in (call.state or {}).items():
            held[path][...] = array
        own = {ours: path for ours, path in paths.items() if path in held}
        for ours in own.keys() & given.keys():
            held[own[ours]][...] = jax_array(given[ours].reshape(held[own[ours]].shape))
        (layer.train if call.training else layer.eval)()
        graph, learning, others = nnx.split(layer, nnx.Param, ...)

        def run(parameters: Any, beside: Any, x: Any) -> tuple[Any, Any]:
            state, mask = beside
            merged = nnx.merge(graph, parameters, state, copy=True)
            output = merged(x, **mask_keyword(mask))
            return output, self.kept(merged, x)

        output, after, grads, by_data = with_gradients(
            run, learning, (others, call.mask), call.x, call.grad_output, slopes_of(call, own)
        )
        arrays = {"output": output, "grad_input": by_data}
        arrays |= {ours: after[path] for ours, path in own.items() if ours.startswith("running_")}
        slopes = {} if grads is None else _flat(grads)
        arrays |= {f"grad_{o}": slopes[path] for o, path in own.items() if path in slopes}
        return numpy_arrays(arrays) | {"state": after}


def _variables(layer: Any) -> dict[str, Any]:
    """Return the variables of the module that hold an array, by their paths."""
    from flax import nnx

    flat = nnx.to_flat_state(nnx.state(layer))
    return {".".join(map(str, path)): _at(layer, path) for path, v in flat if _holds_array(v)}


def _flat(state: Any) -> dict[str, Any]:
    from flax import nnx

    flat = nnx.to_flat_state(state)
    return {".".join(map(str, path)): variable[...] for path, variable in flat}


def _holds_array(variable: Any) -> bool:
    return hasattr(variable.get_value(), "shape")


def _at(layer: Any, path: tuple[Any, ...]) -> Any:
    """Return the variable itself, which can be set; a state has copies."""
    for name in path:
        layer = getattr(layer, name) if isinstance(name, str) else layer[name]
    return layer
