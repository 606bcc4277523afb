"""The conventions on which BatchNorm implementations differ, one field for each.

Everything that the project knows about the semantics of BatchNorm is a field of :class:`Dialect`:
the oracle obeys them, a backend declares them, and the diagnosis of a failure is the smallest
change of them that explains what the backend returned.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

Momentum: TypeAlias = Literal["new", "old"]
Estimator: TypeAlias = Literal["unbiased", "biased"]
EpsPlacement: TypeAlias = Literal["inside", "outside"]
Affine: TypeAlias = Literal["applied", "ignored"]
Source: TypeAlias = Literal["batch", "running"]
Update: TypeAlias = Literal["training", "always", "never"]
EmptyBatch: TypeAlias = Literal["unchanged", "computed"]
Gradient: TypeAlias = Literal["derived", "textbook"]
GradStatistics: TypeAlias = Literal["differentiated", "constant"]
VarianceAlgorithm: TypeAlias = Literal["two_pass", "one_pass"]
Arithmetic: TypeAlias = Literal["wide", "float32", "float16", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One implementation's reading of BatchNorm.

    The defaults are PyTorch's, so that a record states where a framework departs from it.

    Parameters
    ----------
    momentum
        Which term of the running average the momentum m weighs: ``"new"`` is
        ``(1 - m) * running + m * batch``, ``"old"`` is ``m * running + (1 - m) * batch``.
    momentum_none
        Whether ``momentum=None`` stands for the cumulative average or is refused.
    running_variance, normalizing_variance
        The estimator that enters the running variance, and the one that divides the data:
        ``"unbiased"`` divides the sum of squares by n - 1, ``"biased"`` by n.
    eps_placement
        ``sqrt(var + eps)`` or ``sqrt(var) + eps``.
    eps
        Whether eps takes part at all.
    eps_floor
        The smallest eps that is honoured; a smaller one is raised to it.
    weight, bias
        Whether the affine parameters take part in the output.
    train_statistics, eval_statistics
        Which mean and variance normalise in each mode. A layer that tracks none uses the batch's.
    running_update
        In which modes running statistics move.
    empty_batch
        What training on no values at all does to running statistics: nothing, or 0 / 0.
    single_value
        Whether training on one value a channel is refused, or computed: its unbiased variance is
        0 / 0.
    gradient
        ``"derived"`` is the derivative of what this dialect computes; ``"textbook"`` that of
        training with the biased variance and eps inside, whatever was computed. They agree where
        the rest of the dialect is the textbook's.
    grad_statistics
        Whether the gradient flows through the batch statistics or takes them for constants.
    variance_algorithm
        ``"two_pass"`` promises the accuracy of centred data, ``"one_pass"`` that of
        ``avg(x * x) - mean * mean`` only. It moves the bound, not the value.
    arithmetic
        The format of intermediate results: ``"wide"`` is float32, or float64 for float64 data.
        It moves the bound, not the value.
    """

    momentum: Momentum = "new"
    momentum_none: Literal["cumulative", "refused"] = "cumulative"
    running_variance: Estimator = "unbiased"
    normalizing_variance: Estimator = "biased"
    eps_placement: EpsPlacement = "inside"
    eps: Affine = "applied"
    eps_floor: float = 0.0
    weight: Affine = "applied"
    bias: Affine = "applied"
    train_statistics: Source = "batch"
    eval_statistics: Source = "running"
    running_update: Update = "training"
    empty_batch: EmptyBatch = "unchanged"
    single_value: Literal["refused", "computed"] = "refused"
    gradient: Gradient = "derived"
    grad_statistics: GradStatistics = "differentiated"
    variance_algorithm: VarianceAlgorithm = "two_pass"
    arithmetic: Arithmetic = "wide"


#: The values of the conventions that show by themselves, in the order in which a diagnosis tries
#: them: what changes a value before what widens a bound, so that noise never hides a plain cause.
CONVENTIONS: MappingProxyType[str, tuple[str | float, ...]] = MappingProxyType(
    {
        "momentum": get_args(Momentum),
        "running_variance": get_args(Estimator),
        "normalizing_variance": get_args(Estimator),
        "eps_placement": get_args(EpsPlacement),
        "eps": get_args(Affine),
        "eps_floor": (0.0, 1e-5, 1.001e-5, 1e-3, 1e-4, 1e-6, 1e-7, 1e-8, 1e-2),
        "weight": get_args(Affine),
        "bias": get_args(Affine),
        "train_statistics": get_args(Source),
        "eval_statistics": get_args(Source),
        "running_update": get_args(Update),
        "empty_batch": get_args(EmptyBatch),
        "grad_statistics": get_args(GradStatistics),
        "variance_algorithm": get_args(VarianceAlgorithm),
        "arithmetic": get_args(Arithmetic),
    }
)
