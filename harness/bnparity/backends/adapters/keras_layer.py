"""Any `keras.layers.Layer` that normalises, as its author has it, on JAX, PyTorch or TensorFlow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bnparity.backends.adapters.framework import Given, set_attributes
from bnparity.backends.adapters.jax_arrays import numpy_arrays, with_gradients
from bnparity.backends.adapters.mode import mask_keyword, mode_keyword, takes_mask
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.tensors import arrays_of, tensor_of


@dataclass(frozen=True, kw_only=True)
class KerasLayers:
    """Layers of Keras, built for the data of each call; channels are the last axis."""

    noun: str = "a keras.layers.Layer"
    training: str = "training by training="
    copies: str = "data are copied with the channels last"
    dtypes: tuple[str, ...] = ("float32",)
    channels_last: bool = True
    stateful: bool = False
    own_formats: bool = True
    under_way: bool = False
    made_for_data: bool = False
    statistics_gradients: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, _: Any) -> str:
        """Return the dialect of the framework's own layers."""
        return "keras"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `keras.layers.BatchNormalization`."""
        return {"scale": "weight" in having, "center": "bias" in having}

    def kept(self, layer: Any, x: Array) -> dict[str, Any]:
        """Return the variables of the layer, built for the data."""
        if not layer.built:
            layer.build(x.shape)
        return _variables(layer)

    def learns(self, layer: Any, path: str) -> bool:
        """Return whether it is a variable with a gradient."""
        return bool(_variables(layer)[path].trainable)

    def told(self, layer: Any, settings: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Set the attributes of the layer, which reads them when it is called."""
        return layer, set_attributes([layer], settings, self.names)

    def takes_mask(self, layer: Any) -> bool:
        """Return whether it has a keyword for a mask."""
        return takes_mask(layer.call)

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the layer returns, and the gradients by what Keras runs on."""
        import keras

        held = self.kept(layer, call.x)
        own = {ours: held[path] for ours, path in paths.items() if path in held}
        for ours in own.keys() & given.keys():
            own[ours].assign(given[ours].reshape(own[ours].shape))
        answers = {"jax": _with_jax, "torch": _with_torch, "tensorflow": _with_tensorflow}
        backend = keras.backend.backend()
        if backend not in answers:
            raise NotImplementedError(f"Keras runs on {backend} here: set KERAS_BACKEND=jax")
        return answers[backend](layer, own, call)


def _variables(layer: Any) -> dict[str, Any]:
    """Return the variables by their paths within the layer, with dots; no seeds of generators."""
    return {v.path.partition("/")[2].replace("/", "."): v for v in layer.weights}


def _mask(call: Call) -> Array | None:
    """Return the mask as Keras has it: without an axis of channels, if all share it."""
    mask = call.mask
    return mask[..., 0] if mask is not None and mask.shape[-1] == 1 else mask


def _with_jax(layer: Any, own: Mapping[str, Any], call: Call) -> Outputs:
    mode = mode_keyword(layer.call, training=call.training)
    others = [v.value for v in layer.non_trainable_variables]

    def run(learning: Any, beside: Any, x: Any) -> tuple[Any, Any]:
        state, mask = beside
        output, new = layer.stateless_call(learning, state, x, **mode, **mask_keyword(mask))
        return output, new

    learning = [v.value for v in layer.trainable_variables]
    output, new, grads, by_data = with_gradients(
        run, learning, (others, _mask(call)), call.x, call.grad_output, {}
    )
    after = {id(v): a for v, a in zip(layer.non_trainable_variables, new, strict=True)}
    for variable in layer.non_trainable_variables:
        variable.assign(after[id(variable)])
    by_variable = {id(v): a for v, a in zip(layer.trainable_variables, grads or (), strict=False)}
    arrays = {"output": output, "grad_input": by_data}
    arrays |= {o: after[id(v)] for o, v in own.items() if o.startswith("running_")}
    return numpy_arrays(arrays | {f"grad_{o}": by_variable.get(id(v)) for o, v in own.items()})


def _with_torch(layer: Any, own: Mapping[str, Any], call: Call) -> Outputs:
    import torch

    learning = {f"grad_{ours}": v.value for ours, v in own.items() if v.trainable}
    wanted = {"grad_input": tensor_of(call.x), **learning}
    wanted["grad_input"].requires_grad_(call.grad_output is not None)
    mask = _mask(call)
    told = mask_keyword(None if mask is None else tensor_of(mask))
    told |= mode_keyword(layer.call, training=call.training)
    output = layer(wanted["grad_input"], **told)
    tensors = {"output": output}
    tensors |= {ours: v.value for ours, v in own.items() if ours.startswith("running_")}
    if call.grad_output is not None:
        grad_output = tensor_of(call.grad_output, str(output.device))
        grads = torch.autograd.grad(output, list(wanted.values()), grad_output)
        tensors |= dict(zip(wanted, grads, strict=True))
    return arrays_of(tensors)


def _with_tensorflow(layer: Any, own: Mapping[str, Any], call: Call) -> Outputs:
    import tensorflow as tf

    learning = {f"grad_{ours}": v.value for ours, v in own.items() if v.trainable}
    x = tf.constant(call.x)
    mask = _mask(call)
    told = mask_keyword(None if mask is None else tf.constant(mask))
    told |= mode_keyword(layer.call, training=call.training)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x, **told)
    tensors = {"output": output}
    tensors |= {ours: v.value for ours, v in own.items() if ours.startswith("running_")}
    if call.grad_output is not None:
        wanted = {"grad_input": x, **learning}
        grads = tape.gradient(output, list(wanted.values()), output_gradients=call.grad_output)
        tensors |= dict(zip(wanted, grads, strict=True))
    return {name: np.array(tensor) for name, tensor in tensors.items() if tensor is not None}
