"""The words of torch.nn, for PyTorch's layers and for the local ones that imitate them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bnparity.backends.layer_api import Array, Arrays, decoded


@dataclass(frozen=True)
class TorchAPI:
    """PyTorch's layers, driven with arrays."""

    def layer_class(self, kind: str) -> Any:
        """Return the class of `torch.nn` called `kind`."""
        import torch

        return getattr(torch.nn, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument with tensors for arrays, and formats of PyTorch's."""
        import torch

        from bnparity.backends.tensors import tensor_of

        return decoded(encoded, arrays, array=tensor_of, dtype=lambda name: getattr(torch, name))

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what ``layer(x)`` and ``backward`` return."""
        from bnparity.backends.tensors import array_of, tensor_of

        data = tensor_of(x).requires_grad_(grad_output is not None)
        output = layer(data)
        if grad_output is None:
            return {"output": array_of(output)}
        layer.zero_grad()
        output.backward(tensor_of(grad_output))
        tensors = {"output": output, "grad_input": data.grad}
        for name, parameter in (("grad_weight", layer.weight), ("grad_bias", layer.bias)):
            tensors[name] = None if parameter is None else parameter.grad
        return {name: None if t is None else array_of(t) for name, t in tensors.items()}

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.train(mode)``."""
        layer.train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.state_dict()``."""
        from bnparity.backends.tensors import array_of

        return {name: array_of(t).copy() for name, t in layer.state_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``layer.load_state_dict(state)``."""
        from bnparity.backends.tensors import tensor_of

        layer.load_state_dict({name: tensor_of(array) for name, array in state.items()})
