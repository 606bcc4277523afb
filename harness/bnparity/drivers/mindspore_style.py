"""The words of mindspore.nn, for MindSpore's layers and for the local ones that imitate them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnparity.drivers.acts import Array, Arrays, decoded


@dataclass(frozen=True)
class MindSporeDriver:
    """MindSpore's layers, driven with arrays; compiled in Graph mode, or op by op."""

    graph: bool = False

    def layer_class(self, kind: str) -> Any:
        """Return the class of `mindspore.nn` called `kind`."""
        import mindspore

        mindspore.set_context(mode=mindspore.GRAPH_MODE if self.graph else mindspore.PYNATIVE_MODE)
        return getattr(mindspore.nn, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument with tensors for arrays, and formats of MindSpore's."""
        import mindspore

        dtype = lambda name: getattr(mindspore, name)  # noqa: E731  # as short as what it stands for
        return decoded(encoded, arrays, array=mindspore.Tensor, dtype=dtype)

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what ``layer(x)`` returns, and the gradients of its sum with `grad_output`."""
        import mindspore

        from bnparity.backends.mindspore import with_gradients

        if grad_output is None:
            return {"output": layer(mindspore.Tensor(x)).asnumpy()}
        output, gradients = with_gradients(layer, x, grad_output)
        return {"output": output.asnumpy(), **gradients}

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.set_train(mode)``."""
        layer.set_train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.parameters_dict()``."""
        return {name: p.asnumpy().copy() for name, p in layer.parameters_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``mindspore.load_param_into_net``."""
        import mindspore

        parameters = {
            name: mindspore.Parameter(mindspore.Tensor(array), name=name)
            for name, array in state.items()
        }
        mindspore.load_param_into_net(layer, parameters)


@dataclass(frozen=True)
class LocalMindSporeDriver:
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
