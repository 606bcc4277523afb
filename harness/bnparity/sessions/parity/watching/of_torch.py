"""How models of PyTorch are run, watched and changed; loaded by its path."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]
_STATE = ("weight", "bias", "running_mean", "running_var")


class Framework:
    """PyTorch, as `record` asks for it."""

    name = "torch"

    def run(self, model: Any, x: Array, *, training: bool) -> Array:
        """Return the output of the module."""
        model.train(training)
        with torch.no_grad():
            return np.asarray(model(torch.from_numpy(x.copy())).numpy())

    @contextmanager
    def watched(self, model: Any, see: Callable[..., None]) -> Iterator[None]:
        """Hook every BatchNorm."""
        kind = torch.nn.modules.batchnorm._BatchNorm  # noqa: SLF001  # the class of all of them
        found = [(name, m) for name, m in model.named_modules() if isinstance(m, kind)]
        hooks = [hook for name, module in found for hook in _hooks(name, module, see)]
        yield
        for hook in hooks:
            hook.remove()

    def arrays(self, model: Any) -> dict[str, Array]:
        """Return the state dict."""
        return {name: t.detach().numpy().copy() for name, t in model.state_dict().items()}

    def put(self, model: Any, arrays: Mapping[str, Array]) -> None:
        """Load a state dict."""
        model.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})


def _hooks(name: str, module: Any, see: Callable[..., None]) -> list[Any]:
    """Return hooks that tell of each call of a layer, with its state before and after."""
    before: dict[str, Array | None] = {}

    def begin(module: Any, _: Any) -> None:
        before.update(_state(module))

    def end(module: Any, inputs: Any, output: Any) -> None:
        data = {"x": inputs[0].detach().numpy(), "output": output.detach().numpy()}
        see(_facts(name, module), data | before, _state(module))

    return [module.register_forward_pre_hook(begin), module.register_forward_hook(end)]


def _state(module: Any) -> dict[str, Array | None]:
    tensors = {name: getattr(module, name) for name in _STATE}
    return {n: None if t is None else t.detach().numpy().copy() for n, t in tensors.items()}


def _facts(name: str, module: Any) -> dict[str, Any]:
    tracked = module.running_mean is not None
    facts = {"layer": name, "axis": 1, "eps": module.eps, "momentum": module.momentum}
    return {**facts, "training": bool(module.training or not tracked), "tracked": tracked}
