"""Arrays as JAX's and back; what one of its processes has to be told first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from bnparity.backends.call import Array, Call, Outputs


def jax_array(array: Array) -> Any:
    """Return an array of JAX's in the format of `array`; strides are lost."""
    import jax

    return jax.numpy.asarray(np.ascontiguousarray(array))


def jax_device() -> dict[str, str]:
    """Return where JAX computes, in words."""
    import jax

    device = jax.devices()[0]
    if device.platform == "cpu":
        return {"device": "cpu"}
    return {"device": f"{device.device_kind}, by JAX's {device.client.platform}"}


def in_format_of(x: Array) -> None:
    """Let JAX have float64 where the data are: without it they would become float32 silently."""
    import jax

    jax.config.update("jax_enable_x64", x.dtype == np.float64)


def numpy_arrays(arrays: Mapping[str, Any]) -> Outputs:
    """Return arrays of JAX's as NumPy's, None for None."""
    return {name: None if a is None else np.array(a) for name, a in arrays.items()}


@dataclass(frozen=True)
class _Program:
    """A function traced for some arguments: the same text for arguments alike is the same.

    Arguments that are not used do not show in the text.
    """

    text: str
    arguments: str
    trees: tuple[Any, ...]
    lowered: Any = field(compare=False)


@lru_cache(maxsize=64)
def _compiled(program: _Program) -> Any:
    return program.lowered.compile()


@lru_cache(maxsize=64)
def _once(make: Callable[..., Any], *about: Any) -> Any:
    return make(*about)


def same_function(make: Callable[..., Any], *about: Any) -> Any:
    """Return the function that `make` makes of these: the same one again, if they are hashable.

    JAX traces a function once for arguments alike.
    """
    try:
        return _once(make, *about)
    except TypeError:
        return make(*about)


def run_compiled(run: Callable[..., Any], *arguments: Any) -> Any:
    """Return what `run` returns, compiled as one, as people run their models.

    Op by op each operation would be compiled for each shape. A program that was compiled before is
    not compiled again, whatever function it comes from: a layer is made anew for each call.
    """
    import jax

    lowered = jax.jit(run).lower(*arguments)
    trees = (lowered.in_tree, lowered.out_tree)
    kinds = str(jax.tree.leaves(lowered.in_avals))
    program = _Program(lowered.as_text(), kinds, trees, lowered)
    return _compiled(program)(*arguments)


def with_gradients(
    run: Callable[[Any, Any, Any], tuple[Any, Any]],
    parameters: Any,
    state: Any,
    x: Array,
    grad: Array | None,
    slopes: Mapping[str, Array],
) -> tuple[Any, Any, Any, Any]:
    """Return the output of `run`, what else it returns, and the gradients by parameters and data.

    It is called with parameters, state and data. Without `grad`, the gradient of the output, there
    are no gradients. `slopes` are those of what else it returns, by its names there.
    """
    if grad is None:
        return (*run_compiled(run, parameters, state, jax_array(x)), None, None)

    both = same_function(_with_backward_pass, run)
    answers: tuple[Any, Any, Any, Any] = run_compiled(
        both, parameters, state, jax_array(x), jax_array(grad), _jax_arrays(slopes)
    )
    return answers


def _with_backward_pass(run: Callable[[Any, Any, Any], tuple[Any, Any]]) -> Callable[..., Any]:
    import jax

    def both(
        parameters: Any, state: Any, x: Any, grad: Any, slopes: Any
    ) -> tuple[Any, Any, Any, Any]:
        def of_these(parameters: Any, x: Any) -> tuple[Any, Any]:
            output, rest = run(parameters, state, x)
            return (output, {name: rest[name] for name in slopes}), rest

        (output, beside), back, rest = jax.vjp(of_these, parameters, x, has_aux=True)
        by_rest = {n: slopes[n].reshape(a.shape).astype(a.dtype) for n, a in beside.items()}
        return (output, rest, *back((grad.astype(output.dtype), by_rest)))

    return both


def _jax_arrays(arrays: Mapping[str, Array]) -> dict[str, Any]:
    return {name: jax_array(array) for name, array in arrays.items()}


def slopes_of(call: Call, names: Mapping[str, str]) -> dict[str, Array]:
    """Return the gradients of a loss by running statistics, by the `names` of these for ours."""
    given = {ours: getattr(call, f"grad_{ours}") for ours in ("running_mean", "running_var")}
    return {names[o]: a for o, a in given.items() if a is not None and o in names}
