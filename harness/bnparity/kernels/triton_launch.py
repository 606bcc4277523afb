"""Which kernels of Triton's a call takes, and with how many programs.

Everything that they fill is made here or given; nothing is copied. A channel that a tile holds
takes one launch, whose data are read once; a larger one three.
"""

from collections.abc import Sequence
from typing import Any

from bnparity.kernels import triton_loops as forward
from bnparity.kernels import triton_loops_backward as backward
from bnparity.kernels.triton_tiles import Cut
from bnparity.kernels.triton_views import WHOLE, Tiling, View, tiling, view, whole

#: A tensor of PyTorch's, which has no types without it.
Tensor = Any

#: Values of the tile that merges parts, and its columns where there are that many channels.
MERGED, ABREAST = 1024, 16
#: Doubles take twice the registers: fewer of them make a tile.
MOST_DOUBLES = 8192


def train(
    x: Tensor,
    y: Tensor,
    parameters: tuple[Tensor | None, Tensor | None],
    running: tuple[Tensor | None, ...],
    *,
    eps: float,
    share: float,
) -> Tensor:
    """Fill `y` by the batch's statistics; return these.

    Parameters
    ----------
    x, y
        ``(N, C, *spatial)``, not empty.
    parameters
        Weight and bias, ``(C,)`` or None.
    running
        Mean and variance before, and the tensors to fill with those after; ``(C,)`` or None.
    eps, share
        Added to the variance; the batch's weight in the running statistics.

    Returns
    -------
    Tensor
        Mean and 1 / denominator, ``(2, C)``, float64.
    """
    seen, kept = _seen(x, y), _doubles(x, 2, x.shape[1])
    if (cut := whole(seen, _most(x))) is not None:
        forward.train_whole[(cut.groups,)](
            x,
            y,
            *parameters,
            *running,
            kept,
            eps,
            share,
            seen.channels,
            **_places(seen, ("x", "y")),
            **_cut(seen, cut),
        )
        return kept
    cut = tiling(seen)
    found = _doubles(x, 3, cut.parts, seen.channels)
    forward.sum_moments[(cut.groups * cut.parts,)](
        x, found, seen.channels, **_places(seen, ("x",)), **_parts(cut), **_cut(seen, cut)
    )
    merging, blocks = _merging(seen)
    forward.merge_moments[(blocks,)](
        found, *running, kept, eps, share, seen.channels, cut.parts, seen.count, **merging
    )
    _normalize(x, y, parameters, kept, seen, cut)
    return kept


def infer(
    x: Tensor,
    y: Tensor,
    parameters: tuple[Tensor | None, Tensor | None],
    mean: Tensor,
    var: Tensor,
    *,
    eps: float,
) -> Tensor:
    """Fill `y` by given statistics, ``(C,)``; return what `train` does."""
    seen, kept = _seen(x, y), _doubles(x, 2, x.shape[1])
    forward.invert[(-(-seen.channels // MERGED),)](mean, var, kept, eps, seen.channels, MERGED)
    _normalize(x, y, parameters, kept, seen, tiling(seen))
    return kept


def differentiate(
    grad: Tensor,
    x: Tensor,
    out: Tensor,
    weight: Tensor | None,
    kept: Tensor,
    gradients: tuple[Tensor | None, Tensor | None],
    *,
    through: bool,
) -> None:
    """Fill `out` with the gradient by the data, and those of weight and bias.

    Parameters
    ----------
    grad, x, out
        ``(N, C, *spatial)``, not empty.
    weight
        ``(C,)`` or None.
    kept
        What forward returned.
    gradients
        Of weight and bias: tensors to fill, ``(C,)`` or None.
    through
        Whether the statistics are the data's own.
    """
    seen = _seen(grad, x, out)
    if (cut := whole(seen, _most(x) // 2)) is not None:
        backward.differentiate_whole[(cut.groups,)](
            grad,
            x,
            out,
            weight,
            kept,
            *gradients,
            seen.channels,
            **_places(seen, ("grad", "x", "out")),
            through=through,
            **_cut(seen, cut),
        )
        return
    cut, averages = tiling(seen), None
    if through or any(gradient is not None for gradient in gradients):
        averages = _sum_gradients(grad, x, kept, gradients, seen, cut)
    backward.propagate[(cut.groups * cut.tiles,)](
        grad,
        x,
        out,
        weight,
        kept,
        averages,
        seen.channels,
        **_places(seen, ("grad", "x", "out")),
        tiles=cut.tiles,
        groups=cut.groups,
        through=through,
        **_cut(seen, cut),
    )


def _sum_gradients(
    grad: Tensor,
    x: Tensor,
    kept: Tensor,
    gradients: tuple[Tensor | None, Tensor | None],
    seen: View,
    cut: Tiling,
) -> Tensor:
    """Fill the gradients of the parameters; return the averages behind that by the data."""
    found = _doubles(x, 2, cut.parts, seen.channels)
    backward.sum_gradients[(cut.groups * cut.parts,)](
        grad,
        x,
        kept,
        found,
        seen.channels,
        **_places(seen, ("grad", "x")),
        **_parts(cut),
        **_cut(seen, cut),
    )
    averages = _doubles(x, 2, seen.channels)
    merging, blocks = _merging(seen)
    backward.merge_gradients[(blocks,)](
        found, averages, *gradients, seen.channels, cut.parts, seen.count, **merging
    )
    return averages


def _normalize(
    x: Tensor,
    y: Tensor,
    parameters: tuple[Tensor | None, Tensor | None],
    kept: Tensor,
    seen: View,
    cut: Tiling,
) -> None:
    forward.normalize[(cut.groups * cut.tiles,)](
        x,
        y,
        *parameters,
        kept,
        seen.channels,
        **_places(seen, ("x", "y")),
        tiles=cut.tiles,
        groups=cut.groups,
        **_cut(seen, cut),
    )


def _seen(*tensors: Tensor) -> View:
    return view(tensors[0].shape, *(tensor.stride() for tensor in tensors))


def _doubles(like: Tensor, *shape: int) -> Tensor:
    import torch

    return torch.empty(shape, dtype=torch.float64, device=like.device)


def _most(x: Tensor) -> int:
    return MOST_DOUBLES if x.element_size() == 8 else WHOLE[-1]


def _places(seen: View, names: Sequence[str]) -> dict[str, Any]:
    """Return the arguments that say where the values of tensors lie, called by `names`."""
    places = {
        "down": seen.rows,
        "across": seen.columns // seen.grain,
        "sizes": None if seen.simple else seen.sizes[1:],
    }
    for name, strides in zip(names, seen.strides, strict=False):
        places |= {
            f"{name}_row": strides.rows[-1],
            f"{name}_column": strides.column,
            f"{name}_channel": strides.channel,
            f"{name}_slower": None if seen.simple else strides.rows[:-1],
        }
    return places


def _parts(cut: Tiling) -> dict[str, int]:
    return {"parts": cut.parts, "groups": cut.groups, "tiles": cut.tiles, "each": cut.each}


def _cut(seen: View, cut: Tiling) -> dict[str, Any]:
    """Return what a kernel is compiled for."""
    kind = Cut(
        height=cut.height,
        width=cut.width,
        by_column=seen.by_column,
        unit=seen.unit,
        grain=seen.grain,
    )
    return {"cut": kind, "num_warps": cut.warps}


def _merging(seen: View) -> tuple[dict[str, int], int]:
    """Return the tile that merges parts, and how many of its width there are."""
    width = ABREAST if seen.channels >= ABREAST else 1
    return {"height": MERGED // width, "width": width}, -(-seen.channels // width)
