"""The state that Equinox keeps beside a module, as arrays by name; modules with other fields."""

from collections.abc import Mapping
from typing import Any

#: What two arrays of one part of a state are.
_STATISTICS = ("mean", "var")
#: As good as any number of batches: no momentum below 1 leaves anything of the first.
_MANY = 2**30


def with_fields(layer: Any, values: Mapping[str, Any]) -> Any:
    """Return a copy of the module with other values of its fields, those of its type too."""
    import jax

    copied = jax.tree.map(lambda leaf: leaf, layer)
    for name, value in values.items():
        object.__setattr__(copied, name, value)
    return copied


def arrays_in(layer: Any, state: Any) -> dict[str, Any]:
    """Return the arrays of a state by the module's field; two alike are a mean and a variance."""
    found: dict[str, Any] = {}
    for name, index in _indices(layer).items():
        held = state.get(index)
        pair = isinstance(held, tuple) and len(held) == len(_STATISTICS)
        found |= {f"{name}.{n}": a for n, a in zip(_STATISTICS, held, strict=True)} if pair else {}
        found |= {} if pair else {f"{name}.": held}
    return found


def state_of(layer: Any, arrays: Mapping[str, Any]) -> Any:
    """Return the state of a module that has these arrays."""
    import equinox as eqx

    state = eqx.nn.State(layer)
    for name in _indices(layer):
        own = [a for path, a in arrays.items() if path.rpartition(".")[0] == name]
        state = state.set(_indices(layer)[name], tuple(own) if len(own) > 1 else own[0])
    return state


def _indices(layer: Any) -> dict[str, Any]:
    """Return the fields of the module that stand for a part of the state."""
    import equinox as eqx

    return {n: v for n, v in vars(layer).items() if isinstance(v, eqx.nn.StateIndex)}


def under_way(held: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is held after many steps, for statistics that are given.

    There has been a first one, and so many that nothing is left of an initial value.
    """
    return {path: _many(array) if array.ndim == 0 else array for path, array in held.items()}


def _many(array: Any) -> Any:
    """Return False for whether this is the first step, many for how many there were."""
    return array & False if array.dtype == bool else array * 0 + _MANY


def as_inferred(layer: Any, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is held with the statistics that the layer infers with.

    One that counts its batches divides what it holds by what they weigh together.
    """
    import jax.numpy as jnp

    count = arrays.get("batch_counter.")
    if count is None:
        return arrays
    weight = jnp.where(count == 0, 1, 1 - layer.momentum**count)
    return {n: a / weight if n.startswith("batch_state_index.") else a for n, a in arrays.items()}
