"""The state that Equinox keeps beside a module, as arrays by name; modules with other fields."""

from collections.abc import Mapping
from typing import Any

#: What two arrays of one part of a state are.
_STATISTICS = ("mean", "var")


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
    """Return what is held after a first step: statistics are given, so there has been one."""
    return {path: a & False if a.dtype == bool else a for path, a in held.items()}
