"""Which kernels of Triton's a call takes, and with how many programs.

Everything that they fill is made here or given; nothing is copied. A channel that a tile holds
takes one launch, whose data are read once; a larger one three.
"""

from collections.abc import Mapping
from typing import Any

from bnparity.kernels import triton_loops as forward
from bnparity.kernels import triton_loops_backward as backward
from bnparity.kernels.triton_tiles import Cut
from bnparity.kernels.triton_views import WHOLE, Tiling, tiling, view, whole

#: A tensor of PyTorch's, which has no types without it.
Tensor = Any
#: Vectors ``(C,)``, of which any may be missing.
Vectors = tuple[Tensor | None, ...]

#: Values of the tile that merges parts, and its columns where there are that many channels.
MERGED, ABREAST = 1024, 16
#: Doubles take twice the registers: fewer of them make a tile.
MOST_DOUBLES = 8192


def train(
    x: Tensor, y: Tensor, parameters: Vectors, running: Vectors, *, eps: float, share: float
) -> Tensor:
    """Fill `y` by the statistics of `x`, both ``(N, C, *spatial)``, not empty.

    `parameters` are weight and bias; `running` are mean and variance before, and the tensors to
    fill with those after, in which the batch has a `share`. Return the mean and 1 / denominator,
    ``(2, C)``, float64.
    """
    data, kept = {"x": x, "y": y}, _doubles(x, 2, x.shape[1])
    given = {"running": running, "kept": kept, "eps": eps, "share": share}
    seen = view(x.shape, x.stride(), y.stride())
    if (cut := whole(seen, _most(x))) is not None:
        _launch(forward.train_whole, cut, data, parameters=parameters, **given)
        return kept
    cut = tiling(seen)
    found = _doubles(x, 3, cut.parts, x.shape[1])
    _launch(forward.sum_moments, cut, {"x": x}, found=found, parts=cut.parts)
    _merge(forward.merge_moments, cut, found, **given)
    _launch(forward.normalize, cut, data, parameters=parameters, kept=kept, parts=cut.tiles)
    return kept


def infer(
    x: Tensor, y: Tensor, parameters: Vectors, mean: Tensor, var: Tensor, *, eps: float
) -> Tensor:
    """Fill `y` by given statistics, ``(C,)``; return what `train` does."""
    channels, kept = x.shape[1], _doubles(x, 2, x.shape[1])
    forward.invert[(-(-channels // MERGED),)](mean, var, kept, eps, channels, MERGED)
    cut = tiling(view(x.shape, x.stride(), y.stride()))
    given = {"parameters": parameters, "kept": kept, "parts": cut.tiles}
    _launch(forward.normalize, cut, {"x": x, "y": y}, **given)
    return kept


def differentiate(
    grad: Tensor,
    x: Tensor,
    out: Tensor,
    weight: Tensor | None,
    kept: Tensor,
    gradients: Vectors,
    *,
    through: bool,
) -> None:
    """Fill `out` with the gradient by `x`, and `gradients` with those of weight and bias.

    `kept` is what forward returned; `through` says whether the statistics are those of `x`.
    """
    data = {"grad": grad, "x": x, "out": out}
    given = {"weight": weight, "kept": kept, "through": through}
    seen = view(x.shape, grad.stride(), x.stride(), out.stride())
    if (cut := whole(seen, _most(x) // 2)) is not None:
        _launch(backward.differentiate_whole, cut, data, gradients=gradients, **given)
        return
    cut, averages = tiling(seen), None
    if through or any(gradient is not None for gradient in gradients):
        averages = _doubles(x, 2, x.shape[1])
        found = _doubles(x, 2, cut.parts, x.shape[1])
        sums = {"kept": kept, "found": found, "parts": cut.parts}
        _launch(backward.sum_gradients, cut, {"grad": grad, "x": x}, **sums)
        merged = {"averages": averages, "gradients": gradients, "count": seen.count}
        _merge(backward.merge_gradients, cut, found, **merged)
    _launch(backward.propagate, cut, data, averages=averages, parts=cut.tiles, **given)


def _doubles(like: Tensor, *shape: int) -> Tensor:
    import torch

    return torch.empty(shape, dtype=torch.float64, device=like.device)


def _most(x: Tensor) -> int:
    return MOST_DOUBLES if x.element_size() == 8 else WHOLE[-1]


def _launch(kernel: Any, cut: Tiling, tensors: Mapping[str, Tensor], **given: Any) -> None:
    """Run a kernel over the first `tensors` of a view, in `parts` programs a group if given."""
    seen = cut.seen
    for (name, tensor), strides in zip(tensors.items(), seen.strides, strict=False):
        given |= {
            name: tensor,
            f"{name}_row": strides.rows[-1],
            f"{name}_column": strides.column,
            f"{name}_channel": strides.channel,
        }
    slower = (strides.rows[:-1] for strides in seen.strides[: len(tensors)])
    kernel[(cut.groups * given.get("parts", 1),)](
        channels=seen.channels,
        down=seen.rows,
        across=seen.columns // seen.grain,
        slower=None if seen.simple else (seen.sizes[1:], *slower),
        cut=Cut(cut.height, cut.width, seen.by_column, seen.unit, seen.grain),
        num_warps=cut.warps,
        **given,
    )


def _merge(kernel: Any, cut: Tiling, found: Tensor, **given: Any) -> None:
    """Run a kernel that merges what the parts of channels `found`."""
    channels = cut.seen.channels
    width = ABREAST if channels >= ABREAST else 1
    given |= {"channels": channels, "parts": cut.parts, "size": (MERGED // width, width)}
    kernel[(-(-channels // width),)](found, **given)
