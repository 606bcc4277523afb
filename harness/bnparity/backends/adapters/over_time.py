"""A layer of an author's over time: made once, and called step after step with its own state.

Cases have a layer of its own for each call, so what a layer hides from call to call shows here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnparity.backends.adapters.layer_calls import LayerCalls, data
from bnparity.backends.call import Array, Arrays, Call, Outputs

#: How many batches a layer has trained on, as PyTorch names it.
_BATCHES = "num_batches_tracked"


@dataclass(kw_only=True)
class HeldLayer:
    """A layer, and what belongs to it: its mode, its arrays by our names, and its own state."""

    layer: Any
    eps: float
    momentum: float
    arrays: dict[str, Array]
    training: bool = True
    state: Any = None
    batches: int = 0


@dataclass(frozen=True, kw_only=True)
class LayersOverTime:
    """The words of `bnparity.backends.layer_api.LayerAPI` for layers of a source.

    A kind of layer is the number of axes of its data.
    """

    calls: LayerCalls

    def layer_class(self, kind: str) -> Callable[..., HeldLayer]:
        """Return what makes a layer for data of `kind` axes."""

        def make(channels: int, *, eps: float, momentum: float) -> HeldLayer:
            x, ones = data(int(kind), channels), np.ones(channels, np.float32)
            like = Call(x, ones, ones, ones, ones, training=True, momentum=momentum, eps=eps)
            layer = self.calls.layer(like)
            arrays, state = self.calls.kept(layer, like)
            return HeldLayer(layer=layer, eps=eps, momentum=momentum, arrays=arrays, state=state)

        return make

    def value(self, encoded: Any, _: Arrays) -> Any:
        """Return an argument as it is: settings alone are given."""
        return encoded

    def call(self, held: HeldLayer, x: Array, grad_output: Array | None) -> Outputs:
        """Return what the layer makes of the data; its state has moved."""
        call = Call(
            x,
            *(None,) * 4,
            training=held.training,
            momentum=held.momentum,
            eps=held.eps,
            grad_output=grad_output,
            state=held.state,
        )
        outputs = self.calls.of_layer(held.layer, {}, call)
        held.state = outputs.pop("state", None)
        held.batches += held.training
        moved = {n: a for n, a in outputs.items() if n.startswith("running_") and a is not None}
        held.arrays |= {name: array.copy() for name, array in moved.items()}
        return {name: a for name, a in outputs.items() if name not in moved}

    def train(self, held: HeldLayer, mode: bool) -> None:
        """Say which mode the next calls are in."""
        held.training = mode

    def state(self, held: HeldLayer) -> dict[str, Array]:
        """Return parameters and statistics by our names, and how many batches it trained on."""
        return {**held.arrays, _BATCHES: np.array(held.batches)}

    def load(self, held: HeldLayer, state: Mapping[str, Array]) -> None:
        """Refuse: only its author knows what else a layer keeps."""
        raise NotImplementedError("a layer of one's own goes on from its own state")
