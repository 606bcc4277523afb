"""BatchNorm in Triton on PyTorch's tensors: forward and backward where they lie, without a copy.

For data that are on a GPU already. The order of all sums is fixed by shapes and strides, so that
equal calls have equal results, to the bit.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from bnparity.backends import without_cuda
from bnparity.kernels.outputs import check_size, write
from bnparity.kernels.triton_launch import differentiate, infer, train
from bnparity.kernels.triton_tiles import INTERPRETED

#: A tensor of PyTorch's, which has no types without it.
Tensor = Any

#: Tensors to write to, by the names of results.
Out = Mapping[str, Tensor]


def batch_norm(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    *,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_output: Tensor | None = None,
    out: Out | None = None,
) -> dict[str, Tensor | None]:
    """Return what `bnparity.kernels.numpy_kernel.batch_norm` returns, as tensors.

    Parameters
    ----------
    x
        ``(N, C, *spatial)``, of any strides, float16, bfloat16, float32 or float64, on a CUDA
        device; on the CPU if Triton interprets its kernels (``TRITON_INTERPRET=1``). The output
        lies in memory as `x` does.
    weight, bias, running_mean, running_var
        ``(C,)`` or None.
    training, momentum, eps, grad_output
        As there.
    out
        Tensors to write results to, by the names of the result; for running statistics they may
        be those that are given.

    Raises
    ------
    ValueError
        If it is to train on one value per channel, if `x` is where no kernel runs, or if `out` asks
        for what this call has not.
    NotImplementedError
        For more than five axes that lie apart.
    """
    check_size(x, training=training)
    _check_device(x)
    likes = {"output": x, "running_mean": running_mean, "running_var": running_var}
    if grad_output is not None:
        likes |= {"grad_input": grad_output, "grad_weight": weight, "grad_bias": bias}
    results = {name: _target(name, like, out) for name, like in likes.items()}
    given = (weight, bias, running_mean, running_var)
    weight, bias, *old = (None if values is None else values.contiguous() for values in given)
    new = [results["running_mean"], results["running_var"]]
    gradients = (results.get("grad_weight"), results.get("grad_bias"))
    if not training or not x.numel():
        _keep(old, new, gradients)
    if x.numel():
        from_batch = training or running_mean is None or running_var is None
        y, parameters, eps = results["output"], (weight, bias), float(eps)
        with _device_of(x):
            if from_batch:
                running = (*old, *new) if training else (None,) * 4
                share = 1.0 if momentum is None else float(momentum)
                kept = train(x, y, parameters, running, eps=eps, share=share)
            else:
                kept = infer(x, y, parameters, *old, eps=eps)
            if grad_output is not None:
                target = results["grad_input"]
                differentiate(grad_output, x, target, weight, kept, gradients, through=from_batch)
    return write(results, out)


def interpreted() -> bool:
    """Return whether Triton interprets its kernels, on the CPU."""
    return bool(INTERPRETED.value)


def reason() -> str:
    """Return why no kernel runs here, nothing if some device can."""
    import triton

    if interpreted():
        return ""
    if missing := without_cuda():
        return f"{missing}; set TRITON_INTERPRET=1 to have Triton's interpreter run it on the CPU"
    try:
        triton.runtime.driver.active.get_current_target()
    except Exception as error:  # noqa: BLE001  # it builds a library: a compiler may be missing
        return f"triton cannot use the device: {error}"
    return ""


def _check_device(x: Tensor) -> None:
    if not x.is_cuda and not (interpreted() and x.device.type == "cpu"):
        raise ValueError(
            f"x is on {x.device}: give a tensor on a CUDA device, or set TRITON_INTERPRET=1 before "
            "triton is imported to have the kernels interpreted on the CPU"
        )


def _device_of(x: Tensor) -> AbstractContextManager[object]:
    """Return a context in which kernels run on the device of `x`."""
    import torch

    return torch.cuda.device(x.device) if x.is_cuda else nullcontext()


def _target(name: str, like: Tensor | None, out: Out | None) -> Tensor | None:
    """Return what to fill: the caller's tensor if it will do, or a new one that lies as `like`."""
    import torch

    given = (out or {}).get(name)
    if like is None or given is None:
        return None if like is None else torch.empty_like(like)
    kind = (given.dtype, given.shape, given.device) == (like.dtype, like.shape, like.device)
    dense = given.ndim > 1 or given.is_contiguous()
    return given if kind and dense and _apart(given, like) else torch.empty_like(like)


def _apart(given: Tensor, like: Tensor) -> bool:
    """Return whether writing to one leaves the other, but for the same place of a vector."""
    if given.untyped_storage().data_ptr() != like.untyped_storage().data_ptr():
        return True
    same: bool = given.data_ptr() == like.data_ptr() and given.stride() == like.stride()
    return same and given.ndim == 1


def _keep(
    old: Sequence[Tensor | None], new: Sequence[Tensor | None], gradients: Sequence[Tensor | None]
) -> None:
    """Fill what data have no part in: statistics that stay, and gradients of no data."""
    for before, target in zip(old, new, strict=True):
        if before is not None and target is not None:
            target.copy_(before)
    for gradient in gradients:
        if gradient is not None:
            gradient.zero_()
