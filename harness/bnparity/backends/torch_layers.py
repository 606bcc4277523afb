"""The words of torch.nn, for PyTorch's layers and for the local ones that imitate them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bnparity.backends.call import Array, Arrays, Outputs
from bnparity.backends.layer_api import decoded
from bnparity.backends.tensors import array_of, arrays_of, tensor_of


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

        return decoded(encoded, arrays, array=tensor_of, dtype=partial(getattr, torch))

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> Outputs:
        """Return what ``layer(x)`` and ``backward`` return."""
        grad = None if grad_output is None else tensor_of(grad_output)
        return arrays_of(called(layer, layer, tensor_of(x), grad))

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.train(mode)``."""
        layer.train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.state_dict()``."""
        return {name: array_of(t).copy() for name, t in layer.state_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``layer.load_state_dict(state)``."""
        layer.load_state_dict({name: tensor_of(array) for name, array in state.items()})


def called(layer: Any, run: Any, x: Any, grad_output: Any) -> dict[str, Any]:
    """Return the output of `layer`, which `run` calls, and the gradients if `grad_output` is given.

    All are tensors.
    """
    tensors = {"output": run(x.requires_grad_(grad_output is not None))}
    if grad_output is not None:
        layer.zero_grad()
        tensors["output"].backward(grad_output)
        tensors["grad_input"] = x.grad
        tensors["grad_weight"] = getattr(layer.weight, "grad", None)
        tensors["grad_bias"] = getattr(layer.bias, "grad", None)
    return tensors
