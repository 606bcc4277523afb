"""The words of both APIs for the local layers that imitate them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnparity.backends import Array, Arrays, decoded


@dataclass(frozen=True)
class LocalTorchAPI:
    """The layers of `bnparity.layers.torch_api`."""

    def layer_class(self, kind: str) -> Any:
        """Return the class of the module called `kind`."""
        from bnparity.layers import torch_api

        return getattr(torch_api, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as it is, a format by its name."""
        return decoded(encoded, arrays, array=np.asarray, dtype=str)

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what ``layer(x)`` and ``layer.backward`` return."""
        output = layer(x)
        if grad_output is None:
            return {"output": output}
        return {"output": output, **vars(layer.backward(grad_output))}

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.train(mode)``."""
        layer.train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.state_dict()``."""
        return {name: np.array(array) for name, array in layer.state_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``layer.load_state_dict(state)``."""
        layer.load_state_dict(state)


@dataclass(frozen=True)
class LocalMindSporeAPI:
    """The layers of `bnparity.layers.mindspore_api`."""

    def layer_class(self, kind: str) -> Any:
        """Return the class of the module called `kind`."""
        from bnparity.layers import mindspore_api

        return getattr(mindspore_api, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as it is, a format by its name."""
        return decoded(encoded, arrays, array=np.asarray, dtype=str)

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what ``layer(x)`` and ``layer.backward`` return."""
        output = layer(x)
        if grad_output is None:
            return {"output": output}
        return {"output": output, **vars(layer.backward(grad_output))}

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.set_train(mode)``."""
        layer.set_train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.parameters_dict()``."""
        return {name: np.array(array) for name, array in layer.parameters_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``load_param_into_net``."""
        from bnparity.layers import mindspore_api

        mindspore_api.load_param_into_net(layer, state)
