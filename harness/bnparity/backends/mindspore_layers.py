"""The words of mindspore.nn, for MindSpore's layers and for the local ones that imitate them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bnparity.backends.call import Array, Arrays, Outputs
from bnparity.backends.layer_api import decoded


@dataclass(frozen=True)
class MindSporeAPI:
    """MindSpore's layers, driven with arrays; compiled in Graph mode, or op by op."""

    graph: bool = False

    def layer_class(self, kind: str) -> Any:
        """Return the class of `mindspore.nn` called `kind`."""
        import mindspore

        mindspore.set_context(mode=mindspore.GRAPH_MODE if self.graph else mindspore.PYNATIVE_MODE)
        return getattr(mindspore.nn, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument with tensors for arrays, and formats of MindSpore's."""
        import mindspore

        return decoded(encoded, arrays, array=mindspore.Tensor, dtype=partial(getattr, mindspore))

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> Outputs:
        """Return what ``layer(x)`` returns, and the gradients of its sum with `grad_output`."""
        import mindspore

        if grad_output is None:
            return {"output": layer(mindspore.Tensor(x)).asnumpy()}
        return _with_gradients(layer, x, grad_output)

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.set_train(mode)``."""
        layer.set_train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.parameters_dict()``."""
        return {name: p.asnumpy().copy() for name, p in layer.parameters_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``mindspore.load_param_into_net``."""
        import mindspore

        parameters = {
            name: mindspore.Parameter(mindspore.Tensor(array), name=name)
            for name, array in state.items()
        }
        mindspore.load_param_into_net(layer, parameters)


def _with_gradients(layer: Any, x: Array, grad_output: Array) -> Outputs:
    """Return the output and its gradients from one run of the layer.

    ``mindspore.vjp`` would run the layer twice in Graph mode and update the statistics twice.
    """
    import mindspore

    def loss(data: Any, weights: Any) -> tuple[Any, Any]:
        output = layer(data)
        return (output * weights).sum(), output

    parameters = layer.trainable_params()
    differentiated = mindspore.value_and_grad(loss, 0, weights=parameters or None, has_aux=True)
    (_, output), gradients = differentiated(mindspore.Tensor(x), mindspore.Tensor(grad_output))
    if not parameters:
        return {"output": output.asnumpy(), "grad_input": gradients.asnumpy()}
    grads = dict(zip((id(p) for p in parameters), gradients[1], strict=True))
    return {
        "output": output.asnumpy(),
        "grad_input": gradients[0].asnumpy(),
        "grad_weight": grads[id(inner(layer).gamma)].asnumpy(),
        "grad_bias": grads[id(inner(layer).beta)].asnumpy(),
    }


def inner(layer: Any) -> Any:
    """Return the layer that holds the state: BatchNorm3d wraps a BatchNorm2d."""
    return getattr(layer, "bn2d", layer)
