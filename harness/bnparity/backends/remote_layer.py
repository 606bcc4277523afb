"""A layer that lives next to its framework, as the harness holds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

#: Whatever answers requests about layers: a worker, or a `LayerServer` of this process.
Remote: TypeAlias = Callable[
    [Mapping[str, Any], Mapping[str, Array | None]],
    tuple[Mapping[str, Any], Mapping[str, Array | None]],
]


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
            If the layer raised something, here as from every other act.
        """
        _, arrays = self._act("call", arrays={"x": x, "grad_output": grad_output})
        return arrays

    def train(self, mode: bool = True) -> None:  # noqa: FBT002  # as both APIs have it
        """Switch to training, or to inference."""
        self._act("train", mode=mode)

    def state(self) -> dict[str, Array]:
        """Return a copy of the state, by the names under which the API saves it."""
        _, arrays = self._act("state")
        return arrays

    def load(self, state: Mapping[str, Array]) -> None:
        """Give it a state that was saved."""
        self._act("load", arrays=state)

    def get(self, name: str) -> Any:
        """Return an attribute, as text if JSON has no such value."""
        value, _ = self._act("get", name=name)
        return value

    def members(self) -> list[str]:
        """Return the names of the public attributes that are no methods, sorted."""
        names, _ = self._act("members")
        return sorted(names)

    def set(self, name: str, value: Any) -> None:
        """Give an attribute another value."""
        arrays: dict[str, Array | None] = {}
        self._act("set", name=name, value=_encoded(value, arrays), arrays=arrays)

    def _act(
        self, method: str, *, arrays: Mapping[str, Array | None] | None = None, **arguments: Any
    ) -> tuple[Any, dict[str, Array]]:
        return invoke(self.remote, arrays or {}, method=method, layer=self.number, **arguments)


def make(remote: Remote, kind: str, *positional: Any, **named: Any) -> Layer:
    """Return a new layer of the class called `kind`, made with these arguments.

    An array among them becomes a tensor of the framework's, a NumPy dtype its format.

    Raises
    ------
    LayerError
        If the constructor raised something.
    """
    arrays: dict[str, Array | None] = {}
    number, _ = invoke(
        remote,
        arrays,
        method="make",
        kind=kind,
        positional=[_encoded(value, arrays) for value in positional],
        named={name: _encoded(value, arrays) for name, value in named.items()},
    )
    return Layer(remote=remote, number=number)


def _encoded(value: Any, arrays: dict[str, Array | None]) -> Any:
    """Return `value` as `layer_api.decoded` takes it, in JSON; an array goes to `arrays`."""
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    if not isinstance(value, np.ndarray):
        return value
    name = str(len(arrays))
    arrays[name] = value
    return {"array": name}


def signature(remote: Remote, kind: str) -> list[tuple[str, str, Any]]:
    """Return name, kind and default of each parameter of the class called `kind`."""
    parameters, _ = invoke(remote, {}, method="signature", kind=kind)
    return [(name, sort, default) for name, sort, default in parameters]


def input_name(remote: Remote, kind: str) -> str:
    """Return what the class called `kind` calls the data that a layer is called with."""
    name, _ = invoke(remote, {}, method="input_name", kind=kind)
    return str(name)


def invoke(
    remote: Remote, arrays: Mapping[str, Array | None], **request: Any
) -> tuple[Any, dict[str, Array]]:
    """Return the value and the arrays of the answer to `request`; raise what it raised."""
    fields, answers = remote(request, arrays)
    if fields["raised"] is not None:
        raise LayerError(**fields["raised"])
    return fields["value"], {name: a for name, a in answers.items() if a is not None}
