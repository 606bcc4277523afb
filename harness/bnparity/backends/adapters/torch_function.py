"""A function of PyTorch's tensors with the signature of `torch.nn.functional.batch_norm`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from bnparity.backends.adapters.adapted import Adapted
from bnparity.backends.adapters.function_of_tensors import (
    arguments,
    backend_of_function,
    own_names,
    parted,
)
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.tensors import arrays_of, gradients, tensor_of, write_back

_TAKEN_FOR = (
    "a function of PyTorch's tensors: statistics updated in place, or returned behind the output; "
    "data with negative strides are copied"
)


def torch_function(target: Callable[..., Any], device: str) -> Adapted:
    """Return the backend of the function, whose tensors are on a device of PyTorch's."""
    return backend_of_function(target, partial(_answer, target, device), _TAKEN_FOR)


def _answer(target: Callable[..., Any], device: str, call: Call) -> Outputs:
    """Return what the function and its backward pass return."""

    def copied(array: Array) -> Any:
        return tensor_of(array, device).clone()

    names = own_names(target)
    given = arguments(names, call, copied)
    wanted = {"grad_input": tensor_of(call.x, device)}
    wanted |= {f"grad_{n}": given[n] for n in ("weight", "bias") if given.get(n) is not None}
    for tensor in wanted.values():
        tensor.requires_grad_(call.grad_output is not None)
    own = {names[ours]: value for ours, value in given.items()}
    tensors = parted(target(wanted["grad_input"], **own), given)
    if call.grad_output is not None:
        tensors |= gradients(tensors["output"], wanted, call.grad_output)
    write_back(wanted["grad_input"], call.x)
    return arrays_of(tensors)
