"""Arrays as JAX's and back; what one of its processes has to be told first."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bnparity.backends.call import Array, Outputs


def jax_array(array: Array) -> Any:
    """Return an array of JAX's in the format of `array`, float64 too; strides are lost."""
    import jax

    jax.config.update("jax_enable_x64", True)  # else float64 silently becomes float32
    return jax.numpy.asarray(np.ascontiguousarray(array))


def numpy_arrays(arrays: Mapping[str, Any]) -> Outputs:
    """Return arrays of JAX's as NumPy's, None for None."""
    return {name: None if a is None else np.array(a) for name, a in arrays.items()}


def with_gradients(
    run: Callable[[Any, Any], tuple[Any, Any]], parameters: Any, x: Any, grad: Array | None
) -> tuple[Any, Any, Any, Any]:
    """Return the output of `run`, what else it returns, and the gradients by parameters and data.

    Without `grad`, the gradient of the output, there are none.
    """
    import jax

    if grad is None:
        return (*run(parameters, x), None, None)
    output, back, rest = jax.vjp(run, parameters, x, has_aux=True)
    return (output, rest, *back(jax_array(grad).astype(output.dtype)))
