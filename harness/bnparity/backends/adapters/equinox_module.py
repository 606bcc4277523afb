"""Any Equinox module that normalises, as its author has it, mapped over the batch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends.adapters.equinox_state import (
    arrays_in,
    as_inferred,
    state_of,
    under_way,
    with_fields,
)
from bnparity.backends.adapters.framework import Given, named_alike
from bnparity.backends.adapters.jax_arrays import (
    jax_array,
    numpy_arrays,
    slopes_of,
    with_gradients,
)
from bnparity.backends.call import Array, Call, Outputs

#: Where the whole state stands beside what it is in inference, whose paths are longer.
_STATE = ""


@dataclass(frozen=True, kw_only=True)
class EquinoxModules:
    """Modules of Equinox with a state beside them, called for each item of the batch."""

    noun: str = "an equinox.Module"
    training: str = "training by inference=False"
    copies: str = "data are copied, and mapped over the axis batch"
    dtypes: tuple[str, ...] = ("float32",)
    channels_last: bool = False
    stateful: bool = True
    own_formats: bool = True
    under_way: bool = True
    made_for_data: bool = False
    statistics_gradients: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, layer: Any) -> str:
        """Return the dialect of Equinox's own module in the mode of this one."""
        if getattr(layer, "mode", "ema") == "ema":
            return "equinox"
        return "equinox,train_statistics=batch,running_average=debiased"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `equinox.nn.BatchNorm`."""
        return {
            "axis_name": "batch",
            "channelwise_affine": not {"weight", "bias"}.isdisjoint(having),
        }

    def kept(self, layer: Any, _: Array) -> dict[str, Any]:
        """Return the arrays of the module, and those of the state that it begins with."""
        import equinox as eqx

        own = {n: a for n, a in vars(layer).items() if hasattr(a, "shape")}
        return own | arrays_in(layer, eqx.nn.State(layer))

    def learns(self, _: Any, path: str) -> bool:
        """Return whether it is the module's own, not of the state."""
        return "." not in path

    def told(self, layer: Any, settings: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Return a copy of the module with other fields."""
        fields = dict(named_alike(vars(layer), settings, self.names))
        return with_fields(layer, {name: settings[o] for o, name in fields.items()}), set(fields)

    def takes_mask(self, _: Any) -> bool:
        """Return False: no layer of the framework's own has a mask."""
        return False

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the module returns, its gradients, and its state."""
        import equinox as eqx
        import jax

        held = self.kept(layer, call.x)
        if "batch_counter." in held and layer.momentum == 1.0:
            raise NotImplementedError("an average of counted batches takes a momentum below 1")
        own = {ours: path for ours, path in paths.items() if path in held}
        arrays = held | (call.state or (under_way(held) if "running_mean" in given else {}))
        for ours in own.keys() & given.keys():
            arrays[own[ours]] = jax_array(given[ours].reshape(held[own[ours]].shape))
        learning = {path: a for path, a in arrays.items() if "." not in path}
        layer = eqx.nn.inference_mode(layer, value=not call.training)

        def run(parameters: Any, state: Any, x: Any) -> tuple[Any, Any]:
            module = with_fields(layer, parameters)
            mapped = jax.vmap(module, axis_name="batch", in_axes=(0, None), out_axes=(0, None))
            output, after = mapped(x, state)
            held = arrays_in(layer, after)
            return output, {**as_inferred(layer, held), _STATE: held}

        output, seen, grads, by_data = with_gradients(
            run,
            learning,
            state_of(layer, arrays),
            call.x,
            call.grad_output,
            slopes_of(call, own),
        )
        slopes = grads or {}
        found = {"output": output, "grad_input": by_data}
        found |= {o: seen[path] for o, path in own.items() if path in seen}
        found |= {f"grad_{o}": slopes[path] for o, path in own.items() if path in slopes}
        return numpy_arrays(found) | {"state": seen[_STATE]}
