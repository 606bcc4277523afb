"""A case: one question to a BatchNorm implementation, small, immutable, as plain as its JSON."""

from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Literal, TypeAlias

Layout: TypeAlias = Literal[
    "contiguous", "channels_last", "sliced", "transposed", "reversed", "broadcast"
]
Affine: TypeAlias = Literal["both", "none", "weight", "bias"]
Values: TypeAlias = Literal["normal", "constant", "integers", "outlier"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the arrays of a case are made.

    Parameters
    ----------
    seed
        Of the random numbers.
    values
        The shape of the data before scaling: standard normal, all equal in a channel, small
        integers (exact in every format), or normal with one value a thousand times larger.
    scale
        Decimal exponent of the data's standard deviation.
    conditioning
        Decimal exponent of mean / standard deviation; -1 centres the data on zero.
    spread
        Decimal exponent by which the scale grows from the first channel to the last.
    """

    seed: int = 0
    values: Values = "normal"
    scale: int = 0
    conditioning: int = -1
    spread: int = 0


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question.

    Parameters
    ----------
    shape
        ``(N, C, *spatial)``.
    dtype, param_dtype
        Formats of the data, and of parameters and running statistics.
    layout
        How the data lie in memory; the shape is the same in all of them.
    training, tracked
        The row of the mode table: which mode, and whether there are running statistics.
    affine
        Which affine parameters there are.
    momentum, eps
        As the dialect under test means them.
    gradient
        Whether gradients are asked for.
    fresh
        Whether parameters and running statistics have their initial values, 1, 0, 0 and 1.
    recipe
        How the arrays are made.
    """

    shape: tuple[int, ...] = (2, 1)
    dtype: str = "float32"
    param_dtype: str = "float32"
    layout: Layout = "contiguous"
    training: bool = True
    tracked: bool = True
    affine: Affine = "both"
    momentum: float | None = 0.1
    eps: float = 1e-5
    gradient: bool = True
    fresh: bool = False
    recipe: Recipe = Recipe()

    @property
    def values_per_channel(self) -> int:
        """The n of every average over a channel."""
        return self.shape[0] * prod(self.shape[2:])

    def to_json(self) -> dict[str, Any]:
        """Return the case as JSON has it."""
        return {**asdict(self), "shape": list(self.shape)}
