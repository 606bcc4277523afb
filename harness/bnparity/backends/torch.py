"""torch.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d, on the CPU or on a CUDA device."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from bnparity.backends.call import Call, Outputs, takes_call
from bnparity.backends.cuda import cuda_device, without_cuda
from bnparity.backends.tensors import array_of, tensor_of
from bnparity.backends.torch_layers import TorchAPI

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class TorchBatchNorm:
    """A layer made for each call, with the parameters and the statistics of the call.

    Parameters
    ----------
    channels_last
        Give the layer its data in that memory format; else with the strides they come with.
    compiled
        Wrap the layer in ``torch.compile``.
    device
        Where tensors lie, ``"cpu"`` or ``"cuda"``; arrays are moved there and back.
    native
        Keep cuDNN out of it: PyTorch's own kernels. Else they share the work as PyTorch decides,
        by format, mode, eps and size of batch.
    """

    channels_last: bool = False
    compiled: bool = False
    device: str = "cpu"
    native: bool = False
    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    degenerate: bool = True

    @property
    def layer_api(self) -> TorchAPI | None:
        """The layers themselves, step by step; claims are about them, whatever the device."""
        return TorchAPI() if self.device == "cpu" else None

    @property
    def variants(self) -> dict[str, "TorchBatchNorm"]:
        """The other ways to run it, by the name that stands in brackets."""
        last = replace(self, channels_last=True)
        if self.device == "cpu":
            return {"channels_last": last, "compile": replace(self, compiled=True)}
        return {
            "native": replace(self, native=True),
            "channels_last": last,
            "native,channels_last": replace(last, native=True),
        }

    def probe(self) -> dict[str, str]:
        """Return torch's version and the device, or why it cannot be used."""
        try:
            import torch
        except ImportError as error:
            return {"reason": f"torch cannot be imported in {sys.executable}: {error}"}
        if self.device == "cpu":
            return {"version": torch.__version__, "device": "cpu"}
        if reason := without_cuda():
            return {"reason": reason}
        return {"version": torch.__version__, "device": cuda_device()}

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

        layer: Any = _layer_class(call.x.ndim)(
            call.x.shape[1],
            eps=call.eps,
            momentum=call.momentum,
            affine=False,
            track_running_stats=call.running_mean is not None,
        )
        layer.weight = None if call.weight is None else torch.nn.Parameter(self._moved(call.weight))
        layer.bias = None if call.bias is None else torch.nn.Parameter(self._moved(call.bias))
        if call.running_mean is not None and call.running_var is not None:
            layer.running_mean = self._moved(call.running_mean).clone()
            layer.running_var = self._moved(call.running_var).clone()
        layer.train(call.training)
        data = self._in_format(self._moved(call.x)).requires_grad_(call.grad_output is not None)
        with self._kernels():
            output = (torch.compile(layer) if self.compiled else layer)(data)
        results = {
            "output": output,
            "running_mean": layer.running_mean,
            "running_var": layer.running_var,
        }
        if call.grad_output is not None:
            with self._kernels():
                output.backward(self._in_format(self._moved(call.grad_output)))
            results["grad_input"] = data.grad
            results["grad_weight"] = None if call.weight is None else layer.weight.grad
            results["grad_bias"] = None if call.bias is None else layer.bias.grad
        return {name: None if t is None else array_of(t) for name, t in results.items()}

    def _moved(self, array: Array) -> Any:
        return tensor_of(array, self.device)

    def _kernels(self) -> AbstractContextManager[object]:
        """Return a context in which cuDNN is off if it has to be."""
        import torch

        return torch.backends.cudnn.flags(enabled=False) if self.native else nullcontext()

    def _in_format(self, tensor: Any) -> Any:
        import torch

        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        if not self.channels_last:
            return tensor
        if tensor.ndim not in formats:
            raise NotImplementedError(f"torch has no channels-last format of rank {tensor.ndim}")
        return tensor.contiguous(memory_format=formats[tensor.ndim])


def _layer_class(rank: int) -> Any:
    import torch

    classes = {2: torch.nn.BatchNorm1d, 3: torch.nn.BatchNorm1d}
    return (classes | {4: torch.nn.BatchNorm2d, 5: torch.nn.BatchNorm3d})[rank]


BACKEND = TorchBatchNorm()
CUDA = TorchBatchNorm(device="cuda")
