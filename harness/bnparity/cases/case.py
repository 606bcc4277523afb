"""A case: one question to a BatchNorm implementation, small, immutable, as plain as its JSON."""

from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Literal, TypeAlias

Layout: TypeAlias = Literal[
    "contiguous",
    "channels_last",
    "sliced",
    "transposed",
    "reversed",
    "broadcast",
    "offset",
    "channel_slice",
    "batch_last",
    "ambiguous",
    "scalar",
]
#: Those that parameters and running statistics can have: they have one axis.
ParamLayout: TypeAlias = Literal["contiguous", "sliced", "reversed", "broadcast", "offset"]
Affine: TypeAlias = Literal["both", "none", "weight", "bias"]
Values: TypeAlias = Literal[
    "normal", "constant", "integers", "outlier", "subnormal", "huge", "nan", "infinite", "exact"
]
Mask: TypeAlias = Literal["none", "positions", "elements", "all", "one", "nothing", "empty_channel"]
Special: TypeAlias = Literal["none", "zero", "tiny", "huge", "negative", "nan", "infinite"]
Argument: TypeAlias = Literal["weight", "bias", "running_mean", "running_var", "grad_output"]


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
        ``"subnormal"`` and ``"huge"`` are normal around zero at either end of the data's format,
        whatever the exponents below say; ``"nan"`` and ``"infinite"`` are normal but for the
        first element of the first channel. ``"exact"`` makes all arrays so that sums have no error
        in any order, whatever the spread says.
    scale
        Decimal exponent of the data's standard deviation.
    conditioning
        Decimal exponent of mean / standard deviation; -1 centres the data on zero.
    spread
        Decimal exponent by which the scale grows from the first channel to the last.
    special, special_in
        What is out of the ordinary in one of the other arguments, and in which: ``"zero"`` in its
        first channel, ``"nan"`` or ``"infinite"`` in its first element, all values ``"tiny"`` or
        ``"huge"``, or a variance that is ``"negative"`` in the first channel, by half of eps.
    """

    seed: int = 0
    values: Values = "normal"
    scale: int = 0
    conditioning: int = -1
    spread: int = 0
    special: Special = "none"
    special_in: Argument = "weight"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A call made before the judged one, as in a user's loop: its mode, and its size of batch."""

    training: bool
    batch: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question.

    Parameters
    ----------
    shape
        ``(N, C, *spatial)``.
    dtype, param_dtype, statistics_dtype
        Formats of the data, of parameters, and of running statistics; None is that of parameters.
    layout, grad_layout
        How the data and the gradient of the output lie in memory; the shape is the same in all.
    weight_layout, bias_layout, running_mean_layout, running_var_layout
        How the other arrays lie in memory.
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
    calls
        How often the call is made: equal inputs have equal outputs, to the bit.
    reused
        Whether another call comes before each, in the same memory, whose arrays differ in their
        later halves only: no call may remember another.
    history
        The calls before it, on other data, each handing on the running statistics it returned.
    mask
        Which values take part in the batch's statistics: all, without a mask; those at some
        ``"positions"``, the same in all channels; some ``"elements"``, in each channel others;
        ``"all"``, ``"one"`` or ``"nothing"`` of the positions; or elements, but none of the first
        channel.
    statistics_gradients
        Whether the loss depends on the new running statistics, and its gradients by them are given.
    threads
        How many the backend is told to use, if it can be told; None leaves it as it is.
    """

    shape: tuple[int, ...] = (2, 1)
    dtype: str = "float32"
    param_dtype: str = "float32"
    statistics_dtype: str | None = None
    layout: Layout = "contiguous"
    grad_layout: Layout = "contiguous"
    weight_layout: ParamLayout = "contiguous"
    bias_layout: ParamLayout = "contiguous"
    running_mean_layout: ParamLayout = "contiguous"
    running_var_layout: ParamLayout = "contiguous"
    training: bool = True
    tracked: bool = True
    affine: Affine = "both"
    momentum: float | None = 0.1
    eps: float = 1e-5
    gradient: bool = True
    fresh: bool = False
    recipe: Recipe = Recipe()
    calls: int = 1
    reused: bool = False
    history: tuple[Step, ...] = ()
    threads: int | None = None
    mask: Mask = "none"
    statistics_gradients: bool = False

    @property
    def values_per_channel(self) -> int:
        """The n of every average over a channel."""
        return self.shape[0] * prod(self.shape[2:])

    @property
    def formats(self) -> tuple[str, str, str]:
        """The formats of data, parameters and running statistics."""
        return self.dtype, self.param_dtype, self.statistics_dtype or self.param_dtype

    def to_json(self) -> dict[str, Any]:
        """Return the case as JSON has it."""
        history = [asdict(step) for step in self.history]
        plain = {**asdict(self), "shape": list(self.shape), "history": history}
        if self.mask == "none":  # most backends have never heard of one
            del plain["mask"]
        if not self.statistics_gradients:
            del plain["statistics_gradients"]
        return plain
