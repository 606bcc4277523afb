"""Any `flax.linen.Module` that normalises, as its author has it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bnparity.backends.adapters.framework import Given, named_alike
from bnparity.backends.adapters.jax_arrays import (
    jax_array,
    numpy_arrays,
    run_compiled,
    same_function,
    slopes_of,
    with_gradients,
)
from bnparity.backends.adapters.mode import mask_keyword, mode_keyword, takes_mask
from bnparity.backends.call import Array, Call, Outputs


@dataclass(frozen=True, kw_only=True)
class LinenModules:
    """Modules of Flax's linen, whose variables stand beside them; channels are the last axis."""

    noun: str = "a flax.linen.Module"
    training: str = "training by the argument of its call"
    copies: str = "data are copied with the channels last"
    dtypes: tuple[str, ...] = ("float32",)
    channels_last: bool = True
    stateful: bool = True
    own_formats: bool = True
    under_way: bool = False
    made_for_data: bool = True
    statistics_gradients: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, _: Any) -> str:
        """Return the dialect of the framework's own layers."""
        return "flax"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `flax.linen.BatchNorm`."""
        return {"use_scale": "weight" in having, "use_bias": "bias" in having}

    def kept(self, layer: Any, x: Array) -> dict[str, Any]:
        """Return the variables that the module makes for the data."""
        import jax
        from flax.traverse_util import flatten_dict

        mode = mode_keyword(layer.__call__, training=True)
        init = same_function(_initial, layer, tuple(mode.items()))
        made = run_compiled(init, jax.random.key(0), jax_array(x))
        return dict(flatten_dict(made, sep="."))

    def learns(self, _: Any, path: str) -> bool:
        """Return whether it is among the parameters."""
        return path.startswith("params.")

    def told(self, layer: Any, settings: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Return a copy of the module with other fields."""
        fields = dict(named_alike(layer.__dataclass_fields__, settings, self.names))
        return layer.clone(**{name: settings[o] for o, name in fields.items()}), set(fields)

    def takes_mask(self, layer: Any) -> bool:
        """Return whether it has a keyword for a mask."""
        return takes_mask(layer.__call__)

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the module returns, its gradients, and its variables as a state."""
        held = dict(call.state or self.kept(layer, call.x))
        own = {ours: path for ours, path in paths.items() if path in held}
        for ours in own.keys() & given.keys():
            held[own[ours]] = jax_array(given[ours].reshape(held[own[ours]].shape))
        mode = mode_keyword(layer.__call__, training=call.training)
        learning = {path: a for path, a in held.items() if path.startswith("params.")}
        others = {path: a for path, a in held.items() if path not in learning}

        run = same_function(_applied, layer, tuple(mode.items()))
        output, new, grads, by_data = with_gradients(
            run, learning, (others, call.mask), call.x, call.grad_output, slopes_of(call, own)
        )
        arrays = {"output": output, "grad_input": by_data}
        after = held | new
        arrays |= {o: after[path] for o, path in own.items() if o.startswith("running_")}
        arrays |= {f"grad_{o}": grads[path] for o, path in own.items() if path in (grads or ())}
        return numpy_arrays(arrays) | {"state": after}


def _initial(layer: Any, mode: tuple[tuple[str, bool], ...]) -> Callable[..., Any]:
    return partial(layer.init, **dict(mode))


def _applied(layer: Any, mode: tuple[tuple[str, bool], ...]) -> Callable[..., Any]:
    """Return a call of the module, as a function of its variables, a mask or None, and the data."""
    from flax.traverse_util import flatten_dict, unflatten_dict

    def run(parameters: Any, beside: Any, x: Any) -> tuple[Any, Any]:
        state, mask = beside
        variables = unflatten_dict({**state, **parameters}, sep=".")
        changing = [name for name in variables if name != "params"]
        told = dict(mode) | mask_keyword(mask)
        output, new = layer.apply(variables, x, mutable=changing, **told)
        return output, flatten_dict(new, sep=".")

    return run
