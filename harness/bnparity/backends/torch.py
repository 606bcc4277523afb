"""torch.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d on the CPU."""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.drivers.torch_style import TorchDriver

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
    """

    channels_last: bool = False
    compiled: bool = False
    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    degenerate: bool = True

    @property
    def driver(self) -> TorchDriver:
        """The layers themselves, step by step."""
        return TorchDriver()

    @property
    def variants(self) -> dict[str, "TorchBatchNorm"]:
        """The other ways to run it, by the name that stands in brackets."""
        return {
            "channels_last": TorchBatchNorm(channels_last=True),
            "compile": TorchBatchNorm(compiled=True),
        }

    def probe(self) -> dict[str, str]:
        """Return torch's version, or why it cannot be used."""
        try:
            import torch
        except ImportError as error:
            return {"reason": f"torch cannot be imported in {sys.executable}: {error}"}
        return {"version": torch.__version__, "device": "cpu"}

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
        layer.weight = None if weight is None else torch.nn.Parameter(tensor_of(weight))
        layer.bias = None if bias is None else torch.nn.Parameter(tensor_of(bias))
        if running_mean is not None and running_var is not None:
            layer.running_mean = tensor_of(running_mean).clone()
            layer.running_var = tensor_of(running_var).clone()
        layer.train(training)
        data = self._in_format(tensor_of(x)).requires_grad_(grad_output is not None)
        output = (torch.compile(layer) if self.compiled else layer)(data)
        results = {
            "output": output,
            "running_mean": layer.running_mean,
            "running_var": layer.running_var,
        }
        if grad_output is not None:
            output.backward(self._in_format(tensor_of(grad_output)))
            results["grad_input"] = data.grad
            results["grad_weight"] = None if weight is None else layer.weight.grad
            results["grad_bias"] = None if bias is None else layer.bias.grad
        return {name: None if t is None else array_of(t) for name, t in results.items()}

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


def tensor_of(array: Array) -> Any:
    """Return a tensor with the strides of `array`; torch has no negative ones, those are copied."""
    import torch

    if any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array)
    if array.dtype.name == "bfloat16":  # unknown to torch.from_numpy: let it see the bits
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def array_of(tensor: Any) -> Array:
    """Return the values of `tensor`, of which NumPy may share the memory."""
    import torch

    tensor = tensor.detach()
    if tensor.dtype is not torch.bfloat16:
        array: Array = tensor.numpy()
        return array
    import ml_dtypes

    bits: Array = tensor.contiguous().view(torch.int16).numpy()
    return bits.view(ml_dtypes.bfloat16)


BACKEND = TorchBatchNorm()
