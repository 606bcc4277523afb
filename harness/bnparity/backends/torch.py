"""torch.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d, on the CPU or on a CUDA device."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bnparity.backends.call import Array, Arrays, Call, Outputs, takes_call
from bnparity.backends.errors import not_imported
from bnparity.backends.layer_api import CLASS_OF_RANK, decoded
from bnparity.backends.libraries.library import Library
from bnparity.backends.libraries.torch_forms import forms
from bnparity.backends.tensors import array_of, arrays_of, device_in_words, tensor_of, without_cuda

#: A session has programs of fewer shapes.
_MOST_PROGRAMS = 2**16


@dataclass(frozen=True)
class TorchAPI:
    """PyTorch's layers, driven with arrays."""

    def layer_class(self, kind: str) -> Any:
        """Return the class of `torch.nn` called `kind`."""
        import torch

        return getattr(torch.nn, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument with tensors for arrays, and formats of PyTorch's."""
        import torch

        return decoded(encoded, arrays, array=tensor_of, dtype=partial(getattr, torch))

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> Outputs:
        """Return what ``layer(x)`` and ``backward`` return."""
        grad = None if grad_output is None else tensor_of(grad_output)
        return arrays_of(called(layer, layer, tensor_of(x), grad))

    def train(self, layer: Any, mode: bool) -> None:
        """Call ``layer.train(mode)``."""
        layer.train(mode)

    def state(self, layer: Any) -> dict[str, Array]:
        """Return ``layer.state_dict()``."""
        return {name: array_of(t).copy() for name, t in layer.state_dict().items()}

    def load(self, layer: Any, state: Mapping[str, Array]) -> None:
        """Call ``layer.load_state_dict(state)``."""
        layer.load_state_dict({name: tensor_of(array) for name, array in state.items()})


def called(layer: Any, run: Any, x: Any, grad_output: Any) -> dict[str, Any]:
    """Return the output of `layer`, which `run` calls, and the gradients if `grad_output` is given.

    All are tensors.
    """
    tensors = {"output": run(x.requires_grad_(grad_output is not None))}
    if grad_output is not None:
        layer.zero_grad()
        tensors["output"].backward(grad_output)
        tensors["grad_input"] = x.grad
        tensors["grad_weight"] = getattr(layer.weight, "grad", None)
        tensors["grad_bias"] = getattr(layer.bias, "grad", None)
    return tensors


def _compiled(layer: Any, *, whole: bool) -> Any:
    """Return a layer compiled; by default the ninth program would be run op by op instead."""
    import torch

    torch._dynamo.config.recompile_limit = _MOST_PROGRAMS  # noqa: SLF001  # it has no other name
    torch._dynamo.config.accumulated_recompile_limit = _MOST_PROGRAMS  # noqa: SLF001
    torch._dynamo.config.fail_on_recompile_limit_hit = True  # noqa: SLF001
    return torch.compile(layer, fullgraph=whole)


@dataclass(frozen=True, kw_only=True)
class TorchBatchNorm:
    """A layer made for each call, with the parameters and the statistics of the call.

    With ``channels_last`` it is given its data in that memory format, else with the strides they
    come with; if ``compiled``, it is wrapped in ``torch.compile``, as one graph if it is to be
    ``whole``. Arrays are moved to the
    ``device``, ``"cpu"`` or ``"cuda"``, and back. There ``native`` keeps cuDNN out of it; else
    PyTorch's own kernels and cuDNN share the work by format, mode, eps and size of batch.
    """

    channels_last: bool = False
    compiled: bool = False
    whole: bool = False
    device: str = "cpu"
    native: bool = False
    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    degenerate: bool = True
    momentum_none: bool = True

    @property
    def compiles(self) -> str:
        """For what it is compiled anew."""
        return "shape" if self.compiled else ""

    @property
    def layer_api(self) -> TorchAPI | None:
        """The layers themselves, step by step; claims are about them, whatever the device."""
        return TorchAPI() if self.device == "cpu" else None

    @property
    def variants(self) -> dict[str, "TorchBatchNorm | Library"]:
        """The other ways to run it, by the name that stands in brackets."""
        last, compiled = replace(self, channels_last=True), replace(self, compiled=True)
        whole = replace(compiled, whole=True)
        layers = {"channels_last": last, "compile": compiled, "compile,fullgraph": whole}
        if self.device != "cpu":
            layers["compile,channels_last"] = replace(last, compiled=True)
            layers["native"] = replace(self, native=True)
            layers["native,channels_last"] = replace(last, native=True)
        others = forms(self.device)
        return {**layers, **dict.fromkeys(others.ways, others)}

    def probe(self) -> dict[str, str]:
        """Return torch's version and the device, or why it cannot be used."""
        try:
            import torch
        except ImportError as error:
            return not_imported("torch", error, "pip install 'bnparity[torch]'")
        if self.device == "cpu":
            return {"version": torch.__version__, "device": "cpu"}
        if reason := without_cuda():
            return {"reason": reason}
        return {"version": torch.__version__, "device": device_in_words(self.device)}

    def set_threads(self, count: int) -> int:
        """Have torch use `count` threads for an operation; return how many it used before."""
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(count)
        return before

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of a layer made for this call."""
        import torch

        layer = TorchAPI().layer_class(CLASS_OF_RANK[call.x.ndim])(
            call.x.shape[1],
            eps=call.eps,
            momentum=call.momentum,
            affine=False,
            track_running_stats=call.running_mean is not None,
        )
        weight, bias, mean, var = (
            None if array is None else tensor_of(array, self.device)
            for array in (call.weight, call.bias, call.running_mean, call.running_var)
        )
        layer.weight = None if weight is None else torch.nn.Parameter(weight)
        layer.bias = None if bias is None else torch.nn.Parameter(bias)
        if mean is not None and var is not None:
            layer.running_mean, layer.running_var = mean.clone(), var.clone()
        layer.train(call.training)
        run = _compiled(layer, whole=self.whole) if self.compiled else layer
        grad = None if call.grad_output is None else self._tensor(call.grad_output)
        without_cudnn = torch.backends.cudnn.flags(enabled=False)
        with without_cudnn if self.native else nullcontext():
            tensors = called(layer, run, self._tensor(call.x), grad)
        statistics = {"running_mean": layer.running_mean, "running_var": layer.running_var}
        return arrays_of(tensors | statistics)

    def _tensor(self, array: Array) -> Any:
        """Return data on the device, in the memory format that is asked for."""
        import torch

        tensor = tensor_of(array, self.device)
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        if not self.channels_last:
            return tensor
        if tensor.ndim not in formats:
            raise NotImplementedError(f"torch has no channels-last format of rank {tensor.ndim}")
        return tensor.contiguous(memory_format=formats[tensor.ndim])


BACKEND = TorchBatchNorm()
CUDA = TorchBatchNorm(device="cuda")
