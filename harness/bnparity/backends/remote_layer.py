"""A layer that lives next to its framework, as the harness holds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from bnparity.backends.call import Array, Arrays

#: Whatever answers requests about layers: a worker, or a `LayerServer` of this process.
Remote: TypeAlias = Callable[[Mapping[str, Any], Arrays], tuple[Mapping[str, Any], Arrays]]

_Answer: TypeAlias = tuple[Any, dict[str, Array]]
_NONE: Arrays = MappingProxyType({})


class LayerError(Exception):
    """A layer raised something: ``type`` is the name of its exception, ``message`` its text."""

    def __init__(self, type: str, message: str) -> None:  # noqa: A002  # what it is called
        super().__init__(f"{type}: {message}")
        self.type, self.message = type, message


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer of some framework, by its number at the server that made it."""

    remote: Remote
    number: int

    def __call__(self, x: Array, grad_output: Array | None = None) -> dict[str, Array]:
        """Return the ``output``, and the gradients ``grad_*`` if `grad_output` is given.

        Raises
        ------
        LayerError
            If the layer raised something, here as from every other method.
        """
        return self._act("call", {"x": x, "grad_output": grad_output})[1]

    def train(self, mode: bool = True) -> None:  # noqa: FBT002  # as both APIs have it
        """Switch to training, or to inference."""
        self._act("train", mode=mode)

    def state(self) -> dict[str, Array]:
        """Return a copy of the state, by the names under which the API saves it."""
        return self._act("state")[1]

    def load(self, state: Mapping[str, Array]) -> None:
        """Give it a state that was saved."""
        self._act("load", state)

    def get(self, name: str) -> Any:
        """Return an attribute, as text if JSON has no such value."""
        return self._act("get", name=name)[0]

    def members(self) -> list[str]:
        """Return the names of the public attributes that are no methods, sorted."""
        return sorted(self._act("members")[0])

    def set(self, name: str, value: Any) -> None:
        """Give an attribute another value."""
        arrays: dict[str, Array] = {}
        self._act("set", arrays, name=name, value=_encoded(value, arrays))

    def _act(self, method: str, arrays: Arrays = _NONE, **arguments: Any) -> _Answer:
        return _invoke(self.remote, method, arrays, layer=self.number, **arguments)


def make(remote: Remote, kind: str, *positional: Any, **named: Any) -> Layer:
    """Return a new layer of the class called `kind`, made with these arguments.

    An array among them becomes a tensor of the framework's, a NumPy dtype its format.

    Raises
    ------
    LayerError
        If the constructor raised something.
    """
    arrays: dict[str, Array] = {}
    arguments = {
        "kind": kind,
        "positional": [_encoded(value, arrays) for value in positional],
        "named": {name: _encoded(value, arrays) for name, value in named.items()},
    }
    return Layer(remote=remote, number=_invoke(remote, "make", arrays, **arguments)[0])


def signature(remote: Remote, kind: str) -> list[tuple[str, str, Any]]:
    """Return name, kind and default of each parameter of the class called `kind`."""
    parameters, _ = _invoke(remote, "signature", kind=kind)
    return [(name, sort, default) for name, sort, default in parameters]


def input_name(remote: Remote, kind: str) -> str:
    """Return what the class called `kind` calls the data that a layer is called with."""
    return str(_invoke(remote, "input_name", kind=kind)[0])


def _encoded(value: Any, arrays: dict[str, Array]) -> Any:
    """Return `value` as `layer_api.decoded` takes it, in JSON; an array goes to `arrays`."""
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    if not isinstance(value, np.ndarray):
        return value
    name = str(len(arrays))
    arrays[name] = value
    return {"array": name}


def _invoke(remote: Remote, method: str, arrays: Arrays = _NONE, **arguments: Any) -> _Answer:
    """Return the value and the arrays of the answer to a request; raise what it raised."""
    fields, answers = remote({"method": method, **arguments}, arrays)
    if fields["raised"] is not None:
        raise LayerError(**fields["raised"])
    return fields["value"], {name: a for name, a in answers.items() if a is not None}
