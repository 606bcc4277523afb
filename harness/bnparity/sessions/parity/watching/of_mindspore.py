"""How models of MindSpore are run, op by op, watched and changed; loaded by its path."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import mindspore
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: Our names, and MindSpore's.
_STATE = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


class Framework:
    """MindSpore, as `record` asks for it."""

    name = "mindspore"

    def run(self, model: Any, x: Array, *, training: bool) -> Array:
        """Return the output of the cell."""
        mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
        model.set_train(training)
        return np.asarray(model(mindspore.Tensor(x)).asnumpy())

    @contextmanager
    def watched(self, model: Any, see: Callable[..., None]) -> Iterator[None]:
        """Hook every BatchNorm that has arrays of its own; a BatchNorm3d has one within."""
        kind = mindspore.nn.layer.normalization._BatchNorm  # noqa: SLF001  # the class of all
        found = [(name, c) for name, c in model.cells_and_names() if isinstance(c, kind)]
        hooks = [hook for name, cell in found for hook in _hooks(name, cell, see)]
        yield
        for hook in hooks:
            hook.remove()

    def arrays(self, model: Any) -> dict[str, Array]:
        """Return the parameters."""
        return {name: p.asnumpy().copy() for name, p in model.parameters_dict().items()}

    def put(self, model: Any, arrays: Mapping[str, Array]) -> None:
        """Set the parameters."""
        for name, parameter in model.parameters_dict().items():
            parameter.set_data(mindspore.Tensor(arrays[name]))


def _hooks(name: str, cell: Any, see: Callable[..., None]) -> list[Any]:
    """Return hooks that tell of each call of a layer, with its state before and after."""
    before: dict[str, Array] = {}

    def begin(cell: Any, _: Any) -> None:
        before.update(_state(cell))

    def end(cell: Any, inputs: Any, output: Any) -> None:
        data = {"x": inputs[0].asnumpy(), "output": output.asnumpy()}
        see(_facts(name, cell), data | before, _state(cell))

    return [cell.register_forward_pre_hook(begin), cell.register_forward_hook(end)]


def _state(cell: Any) -> dict[str, Array]:
    return {ours: getattr(cell, theirs).asnumpy().copy() for ours, theirs in _STATE.items()}


def _facts(name: str, cell: Any) -> dict[str, Any]:
    told = cell.use_batch_statistics
    batch = bool(cell.training if told is None else told)
    share = round(1 - cell.momentum, 12)  # the layer keeps that of the new batch
    facts = {"layer": name, "axis": -1 if cell.format == "NHWC" else 1, "eps": cell.eps}
    return {**facts, "momentum": share, "training": batch, "tracked": True}
