"""Any `torch.nn.Module` that normalises, as its author has it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends.adapters.framework import Given, set_attributes
from bnparity.backends.adapters.mode import mask_keyword, takes_mask
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.tensors import arrays_of, gradients, tensor_of, write_back


@dataclass(frozen=True, kw_only=True)
class TorchModules:
    """Layers of PyTorch; parameters, buffers and plain tensors are what they keep."""

    noun: str = "a torch.nn.Module"
    training: str = "training by .train()"
    copies: str = "data with negative strides are copied"
    dtypes: tuple[str, ...] = ("float32", "float64")  # halves are for who says that it takes them
    channels_last: bool = False
    stateful: bool = False
    own_formats: bool = False
    under_way: bool = False
    made_for_data: bool = False
    statistics_gradients: bool = False
    device: str = "cpu"
    names: Mapping[str, str] = field(default_factory=dict)

    def dialect_of(self, _: Any) -> str:
        """Return the dialect of the framework's own layers."""
        return "torch"

    def offered(self, having: Collection[str]) -> dict[str, Any]:
        """Return the words of `torch.nn.BatchNorm2d`."""
        return {
            "affine": not {"weight", "bias"}.isdisjoint(having),
            "track_running_stats": "running_mean" in having,
        }

    def kept(self, layer: Any, _: Array) -> dict[str, Any]:
        """Return the tensors of the layer and of those in it."""
        import torch

        found: dict[str, Any] = {}
        for path, module in layer.named_modules():
            prefix = f"{path}." if path else ""
            for held in (vars(module), module._buffers, module._parameters):  # noqa: SLF001  # all
                own = {name: t for name, t in held.items() if isinstance(t, torch.Tensor)}
                found |= {prefix + name: t for name, t in own.items()}
        return found

    def learns(self, layer: Any, path: str) -> bool:
        """Return whether it is a parameter with a gradient."""
        return bool(_at(layer, path).requires_grad)

    def told(self, layer: Any, settings: Mapping[str, Any]) -> tuple[Any, set[str]]:
        """Set the attributes of the layer and of those in it."""
        return layer, set_attributes(layer.modules(), settings, self.names)

    def takes_mask(self, layer: Any) -> bool:
        """Return whether it has a keyword for a mask."""
        return takes_mask(layer.forward)

    def called(self, layer: Any, paths: Mapping[str, str], given: Given, call: Call) -> Outputs:
        """Return what the layer and its backward pass return."""
        layer.to(self.device)
        held = {ours: path for ours, path in paths.items() if _at(layer, path) is not None}
        for ours, path in held.items():
            if ours in given:
                _put(layer, path, tensor_of(given[ours], self.device))
        layer.train(call.training)
        x = tensor_of(call.x, self.device).requires_grad_(call.grad_output is not None)
        mask = None if call.mask is None else tensor_of(call.mask, self.device)
        tensors = {"output": layer(x, **mask_keyword(mask))}
        if call.grad_output is not None:
            wanted = {"grad_input": x}
            learning = {o: _at(layer, held[o]) for o in ("weight", "bias") if o in held}
            wanted |= {f"grad_{o}": t for o, t in learning.items() if t.requires_grad}
            tensors |= gradients(tensors["output"], wanted, call.grad_output)
        tensors |= {o: _at(layer, p) for o, p in held.items() if o.startswith("running_")}
        write_back(x, call.x)
        return arrays_of(tensors)


def _owner(layer: Any, path: str) -> tuple[Any, str]:
    place, _, name = path.rpartition(".")
    return layer.get_submodule(place), name


def _at(layer: Any, path: str) -> Any:
    owner, name = _owner(layer, path)
    return getattr(owner, name, None)


def _put(layer: Any, path: str, value: Any) -> None:
    """Put a value there in the shape of what is there; a parameter stays one."""
    import torch

    owner, name = _owner(layer, path)
    before = getattr(owner, name)
    value = value.clone().reshape(before.shape)
    if isinstance(before, torch.nn.Parameter):
        value = torch.nn.Parameter(value, requires_grad=before.requires_grad)
    setattr(owner, name, value)
