"""Any `mindspore.nn.Cell` that normalises, as its author has it, run op by op."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends.adapters.framework import Given
from bnparity.backends.call import Array, Call, Outputs


@dataclass(frozen=True, kw_only=True)
class MindSporeCells:
    """Layers of MindSpore, which keep parameters; settings are built in when one is made."""

    noun: str = "a mindspore.nn.Cell"
    training: str = "training by .set_train()"
    copies: str = "data are copied into tensors"
    dtypes: tuple[str, ...] = ("float32",)
    channels_last: bool = False
    stateful: bool = False
    own_formats: bool = False
    under_way: bool = False
    made_for_data: bool = False
    statistics_gradients: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, _: Any) -> str:
        """Return the dialect of the framework's own layers."""
        return "mindspore"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `mindspore.nn.BatchNorm2d`, which always has statistics."""
        return {"affine": not {"weight", "bias"}.isdisjoint(having)}

    def kept(self, layer: Any, _: Array) -> dict[str, Any]:
        """Return the parameters of the layer and of those in it."""
        return dict(layer.parameters_dict())

    def learns(self, layer: Any, path: str) -> bool:
        """Return whether it is a parameter with a gradient."""
        return bool(layer.parameters_dict()[path].requires_grad)

    def told(self, layer: Any, _: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Tell it nothing: its operators have their settings since they were made."""
        return layer, set()

    def takes_mask(self, _: Any) -> bool:
        """Return False: no layer of the framework's own has a mask."""
        return False

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the layer returns, and the gradients of its sum with grad_output."""
        import mindspore

        held = layer.parameters_dict()
        own = {ours: held[path] for ours, path in paths.items() if path in held}
        for ours in own.keys() & given.keys():
            own[ours].set_data(mindspore.Tensor(given[ours].reshape(own[ours].shape)))
        layer.set_train(call.training)
        x, grad = mindspore.Tensor(call.x), call.grad_output
        if grad is None:
            tensors = {"output": layer(x)}
        else:
            learning = {f"grad_{o}": p for o, p in own.items() if p.requires_grad}
            tensors = _with_gradients(layer, x, mindspore.Tensor(grad), learning)
        tensors |= {ours: p for ours, p in own.items() if ours.startswith("running_")}
        return {name: tensor.asnumpy().copy() for name, tensor in tensors.items()}


def _with_gradients(layer: Any, x: Any, grad: Any, learning: Mapping[str, Any]) -> dict[str, Any]:
    """Return the output and its gradients from one run of the layer."""
    import mindspore

    def loss(data: Any, weights: Any) -> tuple[Any, Any]:
        output = layer(data)
        return (output * weights).sum(), output

    weights = mindspore.ParameterTuple(learning.values()) if learning else None
    differentiated = mindspore.value_and_grad(loss, 0, weights=weights, has_aux=True)
    (_, output), grads = differentiated(x, grad)
    if weights is None:
        return {"output": output, "grad_input": grads}
    return {
        "output": output,
        "grad_input": grads[0],
        **dict(zip(learning, grads[1], strict=True)),
    }
