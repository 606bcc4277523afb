"""One request about a layer, next to its framework: what it returned, or what it raised.

This runs in the framework's own process and interpreter, so it needs NumPy (1 or 2) and nothing
else. Requests and answers are plain JSON and arrays, as they pass between processes.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bnparity.backends.call import Array, Arrays, Outputs

#: The class of layers that takes data of so many axes, in every API.
CLASS_OF_RANK = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}


class LayerAPI(Protocol):
    """The words of one API: every method does one thing to a layer of it."""

    def layer_class(self, kind: str) -> Any:
        """Return the class called `kind`, ``"BatchNorm2d"``."""

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as the API takes it; see `decoded`."""

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> Outputs:
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

    def answer(self, request: Mapping[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Outputs]:
        """Return the answer to one request; what the layer raised is an answer too.

        `request` has a ``method`` of `_METHODS`, the number of the ``layer`` or the ``kind`` of the
        class that it is done to, and its other arguments.
        """
        arguments = {name: value for name, value in request.items() if name != "method"}
        try:
            with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
                done = self._done(request["method"], arguments, arrays)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is the answer
            return {"raised": _described(error), "value": None}, {}
        if isinstance(done, Mapping):
            return {"raised": None, "value": None}, dict(done)
        return {"raised": None, "value": done}, {}

    def _done(self, method: str, arguments: dict[str, Any], arrays: Arrays) -> Any:
        if "layer" in arguments:
            target = self.layers[arguments.pop("layer")]
        else:
            target = self.layer_api.layer_class(arguments.pop("kind"))
        done = _METHODS[method](self.layer_api, target, arrays, **arguments)
        if method == "make":
            self.layers.append(done)
            return len(self.layers) - 1
        # Some APIs return the layer from these, or what they did not find.
        return None if method in ("train", "load", "set") else done


def _make(
    api: LayerAPI, layer_class: Any, arrays: Arrays, positional: list[Any], named: dict[str, Any]
) -> Any:
    arrays = _kept(arrays)
    return layer_class(
        *(api.value(value, arrays) for value in positional),
        **{name: api.value(value, arrays) for name, value in named.items()},
    )


def _members(_: LayerAPI, layer: Any, __: Arrays) -> list[str]:
    public = [name for name in dir(layer) if not name.startswith("_")]
    return [name for name in public if not callable(getattr(layer, name, len))]


def _signature(_: LayerAPI, layer_class: Any, __: Arrays) -> list[list[Any]]:
    parameters = inspect.signature(layer_class).parameters.values()
    return [[p.name, p.kind.name, plain(p.default)] for p in parameters]


def _input_name(_: LayerAPI, layer_class: Any, __: Arrays) -> str:
    # PyTorch's name of the method, MindSpore's, and that of a layer that has neither.
    named = (getattr(layer_class, name, None) for name in ("forward", "construct", "__call__"))
    method = next(method for method in named if method is not None)
    return list(inspect.signature(method).parameters)[1]


#: What can be done to a layer or its class: a value of plain JSON comes of it, or arrays by name.
_METHODS: Mapping[str, Callable[..., Any]] = {
    "make": _make,
    "call": lambda api, layer, arrays: api.call(layer, arrays["x"], arrays["grad_output"]),
    "train": lambda api, layer, _, mode: api.train(layer, mode),
    "state": lambda api, layer, _: api.state(layer),
    "load": lambda api, layer, arrays: api.load(layer, _kept(arrays)),
    "set": lambda api, layer, arrays, name, value: setattr(
        layer, name, api.value(value, _kept(arrays))
    ),
    "get": lambda _, layer, __, name: plain(getattr(layer, name)),
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


def _kept(arrays: Arrays) -> dict[str, Array]:
    """Return copies, for a layer to keep: what came lies in memory that is used again."""
    return {name: array.copy() for name, array in arrays.items() if array is not None}


def _described(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except Exception as unprintable:  # noqa: BLE001  # a hostile __str__ is no fault of ours
        message = f"(it cannot be printed: {type(unprintable).__name__})"
    return {"type": type(error).__name__, "message": message}
