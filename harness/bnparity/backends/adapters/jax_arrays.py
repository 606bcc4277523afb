"""Arrays as JAX's and back; what one of its processes has to be told first."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bnparity.backends.call import Array, Outputs


def jax_array(array: Array) -> Any:
    """Return an array of JAX's in the format of `array`; strides are lost."""
    import jax

    return jax.numpy.asarray(np.ascontiguousarray(array))


def in_format_of(x: Array) -> None:
    """Let JAX have float64 where the data are: without it they would become float32 silently."""
    import jax

    jax.config.update("jax_enable_x64", x.dtype == np.float64)


def numpy_arrays(arrays: Mapping[str, Any]) -> Outputs:
    """Return arrays of JAX's as NumPy's, None for None."""
    return {name: None if a is None else np.array(a) for name, a in arrays.items()}


def with_gradients(
    run: Callable[[Any, Any], tuple[Any, Any]], parameters: Any, x: Any, grad: Array | None
) -> tuple[Any, Any, Any, Any]:
    """Return the output of `run`, what else it returns, and the gradients by parameters and data.

    Without `grad`, the gradient of the output, there are none. All is compiled as one, as people
    run their models; op by op each operation would be compiled for each shape.
    """
    import jax

    if grad is None:
        return (*jax.jit(run)(parameters, x), None, None)

    def both(parameters: Any, x: Any, grad: Any) -> tuple[Any, Any, Any, Any]:
        output, back, rest = jax.vjp(run, parameters, x, has_aux=True)
        return (output, rest, *back(grad.astype(output.dtype)))

    answers: tuple[Any, Any, Any, Any] = jax.jit(both)(parameters, x, jax_array(grad))
    return answers
