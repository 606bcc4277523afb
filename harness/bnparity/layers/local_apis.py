"""The words of both APIs for the local layers that imitate them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from bnparity.backends import Array, Arrays, decoded
from bnparity.layers import mindspore_api, torch_api


@dataclass(frozen=True, kw_only=True)
class LocalAPI:
    """The layers of a module of this room; `train`, `saved` and `load` say what it calls them."""

    module: ModuleType
    train: Callable[[Any, bool], object]
    saved: Callable[[Any], Mapping[str, Array]]
    load: Callable[[Any, Mapping[str, Array]], object]

    def layer_class(self, kind: str) -> Any:
        """Return the class of the module called `kind`."""
        return getattr(self.module, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as it is, a format by its name."""
        return decoded(encoded, arrays, array=np.asarray, dtype=str)

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what ``layer(x)`` and ``layer.backward`` return."""
        output = layer(x)
        if grad_output is None:
            return {"output": output}
        return {"output": output, **vars(layer.backward(grad_output))}

    def state(self, layer: Any) -> dict[str, Array]:
        """Return a copy of the layer's state."""
        return {name: np.array(array) for name, array in self.saved(layer).items()}


TORCH = LocalAPI(
    module=torch_api,
    train=lambda layer, mode: layer.train(mode),
    saved=lambda layer: layer.state_dict(),
    load=lambda layer, state: layer.load_state_dict(state),
)
MINDSPORE = LocalAPI(
    module=mindspore_api,
    train=lambda layer, mode: layer.set_train(mode),
    saved=lambda layer: layer.parameters_dict(),
    load=mindspore_api.load_param_into_net,
)
