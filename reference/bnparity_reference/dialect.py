"""The conventions on which BatchNorm implementations differ, one field for each.

Everything that the project knows about the semantics of BatchNorm is a field of :class:`Dialect`:
the oracle obeys them, a backend declares them, and the diagnosis of a failure is the smallest
change of them that explains what the backend returned.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

ChannelAxis: TypeAlias = Literal["1", "last"]
HiddenNaN: TypeAlias = Literal["kept", "replaced", "ignored", "hidden"]
Momentum: TypeAlias = Literal["new", "old"]
Average: TypeAlias = Literal["blended", "summed", "first_batch", "debiased"]
Updates: TypeAlias = Literal["1", "2"]
Estimator: TypeAlias = Literal["unbiased", "biased"]
BesselCount: TypeAlias = Literal["values", "images", "planes", "elements"]
About: TypeAlias = Literal["batch_mean", "old_mean"]
Stored: TypeAlias = Literal["variance", "inverse_deviation"]
Order: TypeAlias = Literal["in_order", "swapped"]
EpsPlacement: TypeAlias = Literal["inside", "outside", "after_division"]
Denominator: TypeAlias = Literal["deviation", "variance"]
Applied: TypeAlias = Literal["applied", "ignored"]
Weight: TypeAlias = Literal["applied", "ignored", "absolute"]
ScalarFormat: TypeAlias = Literal["exact", "float32"]
Extent: TypeAlias = Literal["channel", "layer", "instance", "position"]
Source: TypeAlias = Literal["batch", "running", "updated"]
Update: TypeAlias = Literal["training", "always", "never"]
EmptyBatch: TypeAlias = Literal["unchanged", "computed"]
SingleValue: TypeAlias = Literal["refused", "computed", "clamped", "passed_through", "zero", "nan"]
NegativeVariance: TypeAlias = Literal["nan", "clamped", "absolute"]
Gradient: TypeAlias = Literal[
    "derived",
    "textbook",
    "without_mean",
    "without_projection",
    "bessel",
    "bessel_mean",
    "bessel_projection",
    "without_eps",
    "gain_without_eps",
]
StatisticsGradient: TypeAlias = Literal["stopped", "through"]
ParameterGradients: TypeAlias = Literal["summed", "averaged", "averaged_over_images"]
GradStatistics: TypeAlias = Literal["differentiated", "constant", "batch", "updated"]
Mask: TypeAlias = Literal["left_out", "inverted", "ignored"]
MaskedCount: TypeAlias = Literal["left_in", "epsilon", "all"]
MaskedOutput: TypeAlias = Literal["normalized", "zero"]
VarianceAlgorithm: TypeAlias = Literal["two_pass", "one_pass"]
Arithmetic: TypeAlias = Literal["wide", "float32", "data", "float16", "tfloat32", "bfloat16"]


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
    momentum_value
        The momentum that counts, whatever is asked; None where the one that is asked does.
    running_average
        ``"blended"`` as above; ``"summed"`` adds the whole batch to what is kept of the old (Caffe
        divides by a scale factor later); ``"first_batch"`` takes the first batch alone;
        ``"debiased"`` leaves out the initial value, as Adam does (Haiku).
    updates_per_call
        How often running statistics move in a call: twice where the forward pass runs again.
    running_variance, normalizing_variance
        The estimator that enters the running variance, and the one that divides the data:
        ``"unbiased"`` divides the sum of squares by n - 1, ``"biased"`` by n.
    bessel_count
        What an unbiased estimator counts for ``m / (m - 1)``: the values of a channel, the images
        of the batch, the values of one plane of an image, or all elements of the tensor.
    running_variance_about
        What the deviations that enter the running variance are taken from: the batch's mean, or the
        running mean before the call.
    running_statistics
        Whether the arrays of running mean and running variance are read and written in the other's
        place.
    stored_variance
        What the array of the running variance holds: a variance, or 1 / sqrt(var + eps) as the data
        are multiplied by. Such values are averaged as they are, and constants for a gradient.
    eps_placement
        ``sqrt(var + eps)``, ``sqrt(var) + eps``, or eps added to what has been divided by
        ``sqrt(var)``.
    denominator
        Whether the data are divided by the deviation or, without a root, by variance + eps.
    eps
        Whether eps takes part at all.
    eps_value
        The eps that counts, whatever is asked; None where the one that is asked does.
    eps_floor
        The smallest eps that is honoured; a smaller one is raised to it.
    scalar_format
        Whether eps and momentum are exact or rounded to float32 (ONNX holds them so).
    weight, bias
        Whether the affine parameters take part in the output; of the weight, as it is or its
        magnitude.
    channel_axis
        The axis that the channels are taken from; the last one only where its length is that of
        the arrays of a channel each, if there are any.
    nan
        What becomes of NaN: it is ``"kept"``; ``"replaced"`` by 0 in the data; ``"ignored"`` by the
        batch's mean and variance, as a value is that a mask leaves out; or ``"hidden"`` behind a 0
        in the output.
    statistics_over
        What shares a mean and a variance: a channel, the whole tensor, a channel of one image, or
        one position of a channel in all images. Running statistics take the mean over those of a
        channel.
    train_statistics, eval_statistics
        Which mean and variance normalise in each mode: the batch's, the running ones, or these
        after the batch has entered them, whether they keep that or not. A layer that tracks none
        uses the batch's.
    running_update
        In which modes running statistics move.
    empty_batch
        What training on no values at all does to running statistics: nothing, or 0 / 0.
    single_value
        What training on one value a channel does: it is refused; computed, so that the unbiased
        variance is 0 / 0; its n - 1 is clamped to 1; the value is passed through, and running
        statistics stay; or the output is zero, or NaN, and these are as computed.
    negative_variance
        What a running variance below zero is: what it is (its root is NaN), zero, or its magnitude.
    gradient
        ``"derived"`` is the derivative of what this dialect computes; ``"textbook"`` that of
        training with the biased variance and eps inside, whatever was computed. They agree where
        the rest of the dialect is the textbook's. The others are the textbook's less a step:
        without the part through the mean or through the variance, both or one of them divided by
        n - 1, or with a deviation that leaves out eps: wherever there is one, or in the last
        division alone, where the normalised data are kept from the forward pass.
    parameter_gradients
        Whether the gradients by weight and bias are sums over the values of a channel, as the chain
        rule has them, or averages: over these values, or over the images of the batch, as of sums
        over an image each.
    grad_statistics
        Whether the gradient flows through the batch statistics or takes them for constants; or it
        takes the batch's in inference too, or the running ones after their update.
    statistics_gradient
        What becomes of the gradient of a loss that depends on the new running statistics: nothing
        of it arrives at the data, or it goes through the update to the values of the batch.
    mask
        What a mask does: values where it is False are left out of the batch's mean and variance, or
        those where it is True are, or none. Where one is given, a single value is computed with,
        unless it is refused or clamped, and of groups an unbiased estimator counts all values.
    masked_count
        What the sums of the values that a mask leaves in are divided by: how many these are, 1e-7
        more than that (Keras), or how many values there are with those that are left out, which
        an unbiased estimator counts then too.
    masked_output
        What the output is where a value is left out: normalised like the others, or 0, whatever
        normalises. Gradients follow.
    variance_algorithm
        ``"two_pass"`` promises the accuracy of centred data, ``"one_pass"`` that of
        ``avg(x * x) - mean * mean`` only. It moves the bound, not the value.
    arithmetic
        The format of intermediate results: ``"wide"`` is float32, or float64 for float64 data;
        ``"data"`` is that of the data, also where it is narrow; ``"tfloat32"`` has the bits of
        float16 and the range of float32, as the factors of products on tensor cores. It moves the
        bound, not the value.
    """

    momentum: Momentum = "new"
    momentum_none: Literal["cumulative", "refused"] = "cumulative"
    momentum_value: float | None = None
    running_average: Average = "blended"
    updates_per_call: Updates = "1"
    running_variance: Estimator = "unbiased"
    normalizing_variance: Estimator = "biased"
    bessel_count: BesselCount = "values"
    running_variance_about: About = "batch_mean"
    running_statistics: Order = "in_order"
    stored_variance: Stored = "variance"
    eps_placement: EpsPlacement = "inside"
    denominator: Denominator = "deviation"
    eps: Applied = "applied"
    eps_value: float | None = None
    eps_floor: float = 0.0
    scalar_format: ScalarFormat = "exact"
    weight: Weight = "applied"
    bias: Applied = "applied"
    channel_axis: ChannelAxis = "1"
    nan: HiddenNaN = "kept"
    statistics_over: Extent = "channel"
    train_statistics: Source = "batch"
    eval_statistics: Source = "running"
    running_update: Update = "training"
    empty_batch: EmptyBatch = "unchanged"
    single_value: SingleValue = "refused"
    negative_variance: NegativeVariance = "nan"
    gradient: Gradient = "derived"
    parameter_gradients: ParameterGradients = "summed"
    grad_statistics: GradStatistics = "differentiated"
    statistics_gradient: StatisticsGradient = "stopped"
    mask: Mask = "left_out"
    masked_count: MaskedCount = "left_in"
    masked_output: MaskedOutput = "normalized"
    variance_algorithm: VarianceAlgorithm = "two_pass"
    arithmetic: Arithmetic = "wide"


#: The values of the conventions that show by themselves, in the order in which a diagnosis tries
#: them: what changes a value before what widens a bound, so that noise never hides a plain cause.
CONVENTIONS: MappingProxyType[str, tuple[str | float | None, ...]] = MappingProxyType(
    {
        "momentum": get_args(Momentum),
        "momentum_value": (None,),  # any number: it is solved for
        "running_average": get_args(Average),
        "updates_per_call": get_args(Updates),
        "running_variance": get_args(Estimator),
        "normalizing_variance": get_args(Estimator),
        "bessel_count": get_args(BesselCount),
        "running_variance_about": get_args(About),
        "running_statistics": get_args(Order),
        "stored_variance": get_args(Stored),
        "eps_placement": get_args(EpsPlacement),
        "denominator": get_args(Denominator),
        "eps": get_args(Applied),
        "eps_value": (None,),
        "eps_floor": (0.0, 1e-5, 1.001e-5, 1e-3, 1e-4, 1e-6, 1e-7, 1e-8, 1e-2),
        "scalar_format": get_args(ScalarFormat),
        "weight": get_args(Weight),
        "bias": get_args(Applied),
        "channel_axis": get_args(ChannelAxis),
        "nan": get_args(HiddenNaN),
        "statistics_over": get_args(Extent),
        "train_statistics": get_args(Source),
        "eval_statistics": get_args(Source),
        "running_update": get_args(Update),
        "empty_batch": get_args(EmptyBatch),
        "single_value": get_args(SingleValue),
        "negative_variance": get_args(NegativeVariance),
        # The textbook's is no other than the derived one, but for other changes.
        "gradient": tuple(value for value in get_args(Gradient) if value != "textbook"),
        "parameter_gradients": get_args(ParameterGradients),
        "grad_statistics": get_args(GradStatistics),
        "variance_algorithm": get_args(VarianceAlgorithm),
        "arithmetic": get_args(Arithmetic),
    }
)

#: The values of those that show in calls with a mask alone.
OF_MASKS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "mask": get_args(Mask),
        "masked_count": get_args(MaskedCount),
        "masked_output": get_args(MaskedOutput),
    }
)

#: The values of the one that shows where a loss has gradients by running statistics alone.
OF_STATISTICS_GRADIENTS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {"statistics_gradient": get_args(StatisticsGradient)}
)
