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
    slopes_of,
    with_gradients,
)
from bnparity.backends.call import Call, Outputs

#: What a call returns behind the output goes by our names.
_OWN = {"running_mean": "running_mean", "running_var": "running_var"}
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
    beside = ("running_mean", "running_var", "mask")
    statistics = {n: given.pop(n) for n in beside if n in given}

    def run(learning: Any, state: Any, x: Any) -> tuple[Any, Any]:
        everything = given | state | learning
        own = {names[ours]: value for ours, value in everything.items()}
        parts = parted(target(x, **own), everything)
        return parts.pop("output"), parts

    output, after, by_parameters, by_data = with_gradients(
        run, parameters, statistics, call.x, call.grad_output, slopes_of(call, _OWN)
    )
    grads = {f"grad_{name}": grad for name, grad in (by_parameters or {}).items()}
    return numpy_arrays({"output": output, "grad_input": by_data, **after, **grads})
