"""A function that Haiku has transformed into a pair, ``init`` and ``apply``, or one of its modules.

Its moving averages keep a hidden one and a counter beside the average. An average that is given is
put into both, after so many batches that nothing of the initial value is left.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bnparity.backends.adapters.framework import Given
from bnparity.backends.adapters.jax_arrays import (
    jax_array,
    numpy_arrays,
    run_compiled,
    slopes_of,
    with_gradients,
)
from bnparity.backends.adapters.mode import mode_keyword
from bnparity.backends.adapters.source import parameters_of
from bnparity.backends.call import Array, Call, Outputs

#: As good as any number of batches: no decay below 1 leaves anything of the first.
_MANY = 2**30
#: What a moving average of Haiku calls its result, and what it is made from.
_AVERAGE, _HIDDEN = "average", "hidden"


@dataclass(frozen=True, kw_only=True)
class HaikuTransformed:
    """Pairs of Haiku, whose parameters and state stand beside them; channels are the last axis."""

    noun: str = "a transformed function of Haiku"
    training: str = "training by the argument of its apply"
    copies: str = "data are copied with the channels last"
    dtypes: tuple[str, ...] = ("float32",)
    channels_last: bool = True
    stateful: bool = True
    own_formats: bool = True
    under_way: bool = True
    made_for_data: bool = True
    statistics_gradients: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, _: Any) -> str:
        """Return the dialect of Haiku's own module."""
        return "haiku"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `haiku.BatchNorm`."""
        return {"create_scale": "weight" in having, "create_offset": "bias" in having}

    def kept(self, pair: Any, x: Array) -> dict[str, Any]:
        """Return the parameters and the state that the pair makes for the data."""
        import jax

        init = partial(pair.init, **mode_keyword(pair.init, training=True))
        made = run_compiled(init, jax.random.key(0), jax_array(x))
        parameters, state = made if _has_state(pair) else (made, {})
        return _flat("params", parameters) | _flat("state", state)

    def learns(self, _: Any, path: str) -> bool:
        """Return whether it is among the parameters."""
        return path.startswith("params.")

    def told(self, pair: Any, _: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Tell it nothing: its settings are in the function that was transformed."""
        return pair, set()

    def takes_mask(self, _: Any) -> bool:
        """Return False: no layer of the framework's own has a mask."""
        return False

    def called(self, pair: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the pair returns, its gradients, and its parameters and state."""
        if call.momentum == 1.0:
            raise NotImplementedError("a moving average of Haiku takes a decay below 1")
        held = dict(call.state or self.kept(pair, call.x))
        own = {ours: path for ours, path in paths.items() if path in held}
        for ours in own.keys() & given.keys():
            _put(held, own[ours], given[ours])
        learning = {path: a for path, a in held.items() if path.startswith("params.")}
        others = {path: a for path, a in held.items() if path not in learning}
        apply = _applied(pair, mode_keyword(pair.apply, training=call.training))

        def run(parameters: Any, state: Any, x: Any) -> tuple[Any, Any]:
            output, new = apply(_nested(parameters), _nested(state), x)
            return output, _flat("state", new)

        output, new, grads, by_data = with_gradients(
            run, learning, others, call.x, call.grad_output, slopes_of(call, own)
        )
        after, slopes = held | new, grads or {}
        arrays = {"output": output, "grad_input": by_data}
        arrays |= {o: after[path] for o, path in own.items() if o.startswith("running_")}
        arrays |= {f"grad_{o}": slopes[path] for o, path in own.items() if path in slopes}
        return numpy_arrays(arrays) | {"state": after}


def transformed(module: Any) -> Callable[..., Any]:
    """Return a function of a module's settings that makes the pair of the module's call."""
    import haiku

    mode = inspect.signature(module.__call__)
    seen = mode.replace(parameters=list(mode.parameters.values())[1:])

    def make(**settings: Any) -> Any:
        def called(*data: Any, **named: Any) -> Any:
            return module(**settings)(*data, **named)

        vars(called)["__signature__"] = seen
        return haiku.transform_with_state(called)

    own = list(parameters_of(module).values())
    vars(make)["__signature__"] = inspect.Signature(own)
    make.__name__ = module.__name__
    return make


def _has_state(pair: Any) -> bool:
    return "state" in parameters_of(pair.apply)


def _applied(pair: Any, mode: Mapping[str, bool]) -> Callable[..., tuple[Any, Any]]:
    """Return the second half as a function of parameters, state and data alone."""
    key = () if "rng" not in parameters_of(pair.apply) else (None,)
    if _has_state(pair):
        return lambda parameters, state, x: pair.apply(parameters, state, *key, x, **mode)
    return lambda parameters, _, x: (pair.apply(parameters, *key, x, **mode), {})


def _flat(root: str, tree: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the arrays of a tree by paths with dots; a moving average goes by its module's."""
    found: dict[str, Any] = {}
    for module, arrays in tree.items():
        place = ".".join([root, *module.split("/")])
        found |= {f"{place}.{name}": array for name, array in arrays.items()}
        if _HIDDEN in arrays and _AVERAGE in arrays:
            found[place] = found.pop(f"{place}.{_AVERAGE}")
    return found


def _nested(arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the tree that `_flat` has made these of."""
    tree: dict[str, dict[str, Any]] = {}
    for path, array in arrays.items():
        whole = f"{path}.{_AVERAGE}" if f"{path}.{_HIDDEN}" in arrays else path
        _, *module, name = whole.split(".")
        tree.setdefault("/".join(module), {})[name] = array
    return tree


def _put(held: dict[str, Any], path: str, given: Array) -> None:
    """Put what is given at a path; a moving average has had many batches then."""
    held[path] = jax_array(given.reshape(held[path].shape))
    hidden, counter = f"{path}.{_HIDDEN}", f"{path}.counter"
    if hidden in held and counter in held:
        held[hidden], held[counter] = held[path], held[counter] * 0 + _MANY
