"""One request about a layer, next to its framework: what it returned, or what it raised.

This runs in the framework's own process and interpreter, so it needs NumPy (1 or 2) and nothing
else. Requests and answers are plain JSON and arrays, as they pass between processes.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Mapping[str, Array | None]


class LayerAPI(Protocol):
    """The words of one API: every method does one thing to a layer of it."""

    def layer_class(self, kind: str) -> Any:
        """Return the class called `kind`, ``"BatchNorm2d"``."""

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as the API takes it; see `decoded`."""

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return the ``output``, and the gradients ``grad_*`` if `grad_output` is given."""

    def train(self, layer: Any, mode: bool) -> None:
        """Switch the layer to training, or to inference."""

    def state(self, layer: Any) -> dict[str, Array]:
        """Return a copy of the layer's state, by the names under which the API saves it."""

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Give the layer a state that was saved."""


@dataclass(kw_only=True)
class LayerServer:
    """The layers that have been made in this process, by number, and what answers for them."""

    layer_api: LayerAPI
    layers: list[Any] = field(default_factory=list)

    def answer(
        self, request: Mapping[str, Any], arrays: Arrays
    ) -> tuple[dict[str, Any], dict[str, Array | None]]:
        """Return the answer to one request; what the layer raised is an answer too.

        Parameters
        ----------
        request
            ``method``, the name of a function of this module's, and its other arguments.
        """
        arguments = {name: value for name, value in request.items() if name != "method"}
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                value, answers = _METHODS[request["method"]](self, arrays, **arguments)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is the answer
            return {"raised": _described(error), "value": None}, {}
        return {"raised": None, "value": value}, answers


_Answer: TypeAlias = tuple[Any, dict[str, Array | None]]


def _make(
    server: LayerServer, arrays: Arrays, *, kind: str, positional: list[Any], named: dict[str, Any]
) -> _Answer:
    layer_api, arrays = server.layer_api, _kept(arrays)
    layer = layer_api.layer_class(kind)(
        *(layer_api.value(value, arrays) for value in positional),
        **{name: layer_api.value(value, arrays) for name, value in named.items()},
    )
    server.layers.append(layer)
    return len(server.layers) - 1, {}


def _call(server: LayerServer, arrays: Arrays, *, layer: int) -> _Answer:
    x = arrays["x"]
    assert x is not None
    return None, server.layer_api.call(server.layers[layer], x, arrays["grad_output"])


def _train(server: LayerServer, arrays: Arrays, *, layer: int, mode: bool) -> _Answer:  # noqa: ARG001  # a method's
    server.layer_api.train(server.layers[layer], mode)
    return None, {}


def _state(server: LayerServer, arrays: Arrays, *, layer: int) -> _Answer:  # noqa: ARG001  # a method's
    return None, dict(server.layer_api.state(server.layers[layer]))


def _load(server: LayerServer, arrays: Arrays, *, layer: int) -> _Answer:
    state = {name: array for name, array in _kept(arrays).items() if array is not None}
    server.layer_api.load(server.layers[layer], state)
    return None, {}


def _set(server: LayerServer, arrays: Arrays, *, layer: int, name: str, value: Any) -> _Answer:
    setattr(server.layers[layer], name, server.layer_api.value(value, _kept(arrays)))
    return None, {}


def _get(server: LayerServer, arrays: Arrays, *, layer: int, name: str) -> _Answer:  # noqa: ARG001  # a method's
    return plain(getattr(server.layers[layer], name)), {}


def _members(server: LayerServer, arrays: Arrays, *, layer: int) -> _Answer:  # noqa: ARG001  # a method's
    made = server.layers[layer]
    public = [name for name in dir(made) if not name.startswith("_")]
    return [name for name in public if not callable(getattr(made, name, len))], {}


def _signature(server: LayerServer, arrays: Arrays, *, kind: str) -> _Answer:  # noqa: ARG001  # a method's
    parameters = inspect.signature(server.layer_api.layer_class(kind)).parameters.values()
    return [[p.name, p.kind.name, plain(p.default)] for p in parameters], {}


def _input_name(server: LayerServer, arrays: Arrays, *, kind: str) -> _Answer:  # noqa: ARG001  # a method's
    layer_class = server.layer_api.layer_class(kind)
    # PyTorch's name of the method, MindSpore's, and that of a layer that has neither.
    named = (getattr(layer_class, name, None) for name in ("forward", "construct", "__call__"))
    method = next(method for method in named if method is not None)
    return list(inspect.signature(method).parameters)[1], {}


_METHODS: Mapping[str, Callable[..., _Answer]] = {
    "make": _make,
    "call": _call,
    "train": _train,
    "state": _state,
    "load": _load,
    "set": _set,
    "get": _get,
    "members": _members,
    "signature": _signature,
    "input_name": _input_name,
}


def decoded(
    encoded: Any, arrays: Arrays, *, array: Callable[[Array], Any], dtype: Callable[[str], Any]
) -> Any:
    """Return an argument from its JSON: ``{"array": NAME}`` and ``{"dtype": NAME}`` stand for one.

    `array` and `dtype` make the API's own of them; everything else is itself.
    """
    if isinstance(encoded, dict) and "array" in encoded:
        given = arrays[encoded["array"]]
        assert given is not None
        return array(given)
    if isinstance(encoded, dict) and "dtype" in encoded:
        return dtype(encoded["dtype"])
    return encoded


def plain(value: Any) -> Any:
    """Return `value` if JSON has it, ``"(none)"`` for no default, else its text.

    Formats are named alike by every API: ``float32``, without the framework's own prefix.
    """
    if value is inspect.Parameter.empty:
        return "(none)"
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, type):
        return np.dtype(value).name if issubclass(value, np.generic) else value.__name__
    return str(value).rpartition(".")[2].lower()


def _kept(arrays: Arrays) -> dict[str, Array | None]:
    """Return copies, for a layer to keep: what came lies in memory that is used again."""
    return {name: None if array is None else array.copy() for name, array in arrays.items()}


def _described(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except Exception as unprintable:  # noqa: BLE001  # a hostile __str__ is no fault of ours
        message = f"(it cannot be printed: {type(unprintable).__name__})"
    return {"type": type(error).__name__, "message": message}
