"""torch.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d, on the CPU or on a CUDA device."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from bnparity.cuda import cuda_device, without_cuda
from bnparity.drivers.torch_style import TorchDriver
from bnparity.tensors import array_of, tensor_of

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
    def driver(self) -> TorchDriver | None:
        """The layers themselves, step by step; claims are about them, whatever the device."""
        return TorchDriver() if self.device == "cpu" else None

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

    def __call__(
        self,
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        training: bool,
        momentum: float | None,
        eps: float,
        grad_output: Array | None = None,
    ) -> dict[str, Array | None]:
        """Call the layer as `bnparity.kernels.numpy_kernel.batch_norm` is called."""
        import torch

        layer: Any = _layer_class(x.ndim)(
            x.shape[1],
            eps=eps,
            momentum=momentum,
            affine=False,
            track_running_stats=running_mean is not None,
        )
        layer.weight = None if weight is None else torch.nn.Parameter(self._moved(weight))
        layer.bias = None if bias is None else torch.nn.Parameter(self._moved(bias))
        if running_mean is not None and running_var is not None:
            layer.running_mean = self._moved(running_mean).clone()
            layer.running_var = self._moved(running_var).clone()
        layer.train(training)
        data = self._in_format(self._moved(x)).requires_grad_(grad_output is not None)
        with self._kernels():
            output = (torch.compile(layer) if self.compiled else layer)(data)
        results = {
            "output": output,
            "running_mean": layer.running_mean,
            "running_var": layer.running_var,
        }
        if grad_output is not None:
            with self._kernels():
                output.backward(self._in_format(self._moved(grad_output)))
            results["grad_input"] = data.grad
            results["grad_weight"] = None if weight is None else layer.weight.grad
            results["grad_bias"] = None if bias is None else layer.bias.grad
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
