"""A function of JAX's arrays with the signature of `torch.nn.functional.batch_norm`."""

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
from bnparity.backends.adapters.jax_arrays import (
    in_format_of,
    jax_array,
    numpy_arrays,
    with_gradients,
)
from bnparity.backends.call import Call, Outputs

_TAKEN_FOR = "a function of JAX's arrays: statistics returned behind the output; data are copied"


def jax_function(target: Callable[..., Any]) -> Adapted:
    """Return the backend of the function."""
    return backend_of_function(target, partial(_answer, target), _TAKEN_FOR)


def _answer(target: Callable[..., Any], call: Call) -> Outputs:
    """Return what the function and its gradients are."""
    in_format_of(call.x)
    names = own_names(target)
    given = arguments(names, call, jax_array)
    parameters = {n: given[n] for n in ("weight", "bias") if given.get(n) is not None}

    def run(learning: Any, x: Any) -> tuple[Any, Any]:
        own = {names[ours]: value for ours, value in (given | learning).items()}
        parts = parted(target(x, **own), given)
        return parts.pop("output"), parts

    output, statistics, by_parameters, by_data = with_gradients(
        run, parameters, jax_array(call.x), call.grad_output
    )
    grads = {f"grad_{name}": grad for name, grad in (by_parameters or {}).items()}
    return numpy_arrays({"output": output, "grad_input": by_data, **statistics, **grads})
