"""BatchNorm in Triton on PyTorch's tensors: forward and backward where they lie, without a copy.

For data that are on a GPU already. The order of all sums is fixed by shapes and strides, so that
equal calls have equal results, to the bit.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from bnparity.backends import without_cuda
from bnparity.kernels.outputs import check_size
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

    Returns
    -------
    dict
        As there.

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
    old = (_vector(running_mean), _vector(running_var))
    if not training or not x.numel():
        _keep(results, old)
    if x.numel():
        from_batch = training or running_mean is None or running_var is None
        parameters = (_vector(weight), _vector(bias))
        with _device_of(x):
            if from_batch:
                share = 1.0 if momentum is None else momentum
                kept = _train(x, results, parameters, old if training else None, eps, share)
            else:
                kept = infer(x, results["output"], parameters, *old, eps=float(eps))
            if grad_output is not None:
                _differentiate(grad_output, x, results, parameters[0], kept, through=from_batch)
    return _written(results, out)


def _train(
    x: Tensor,
    results: Mapping[str, Tensor | None],
    parameters: tuple[Tensor | None, Tensor | None],
    old: tuple[Tensor | None, Tensor | None] | None,
    eps: float,
    share: float,
) -> Tensor:
    """Fill the output, and the running statistics if there are `old` ones."""
    new = (results["running_mean"], results["running_var"])
    running = (None,) * 4 if old is None else (*old, *new)
    return train(x, results["output"], parameters, running, eps=float(eps), share=float(share))


def _differentiate(
    grad: Tensor,
    x: Tensor,
    results: Mapping[str, Tensor | None],
    weight: Tensor | None,
    kept: Tensor,
    *,
    through: bool,
) -> None:
    """Fill the gradients."""
    of_parameters = (results["grad_weight"], results["grad_bias"])
    out = results["grad_input"]
    differentiate(grad, x, out, weight, kept, of_parameters, through=through)


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


def _vector(values: Tensor | None) -> Tensor | None:
    """Return the values of channels side by side."""
    return None if values is None else values.contiguous()


def _keep(results: Mapping[str, Tensor | None], old: tuple[Tensor | None, Tensor | None]) -> None:
    """Fill what data have no part in: statistics that stay, and gradients of no data."""
    for name, before in zip(("running_mean", "running_var"), old, strict=True):
        target = results[name]
        if target is not None and before is not None:
            target.copy_(before)
    for name in ("grad_weight", "grad_bias"):
        target = results.get(name)
        if target is not None:
            target.zero_()


def _written(results: dict[str, Tensor | None], out: Out | None) -> dict[str, Tensor | None]:
    """Return `results`, those that `out` has a tensor for in that tensor."""
    for name, target in (out or {}).items():
        result = results.get(name)
        if result is None:
            raise ValueError(f"out[{name!r}] was given, but this call has no {name}")
        if result is not target:
            target.copy_(result)
        results[name] = target
    return results
