"""What to write on the other side: the momentum, eps, the mode, the names of the state."""

from collections.abc import Iterator, Mapping

from bnparity.backends import UsageError
from bnparity.porting.differences.conventions import advice
from bnparity.porting.differences.parameters import Known
from bnparity.porting.differences.side import Side
from bnparity.porting.translation import Untranslatable, translate
from bnparity.porting.translation.rules import nearest
from bnparity.porting.translation.signatures import APIS, KINDS, api_called
from bnparity.porting.translation.state import checkpoint_names

#: What frameworks call weight, bias, running mean and running variance.
_STATE: Mapping[str, tuple[str, str, str, str]] = {
    "torch": ("weight", "bias", "running_mean", "running_var"),
    "mindspore": ("gamma", "beta", "moving_mean", "moving_variance"),
    "keras": ("gamma", "beta", "moving_mean", "moving_variance"),
    "keras2-fused": ("gamma", "beta", "moving_mean", "moving_variance"),
    "flax": ("scale", "bias", "mean", "var"),
    "haiku": ("scale", "offset", "mean_ema/average", "var_ema/average"),
    "paddle": ("weight", "bias", "_mean", "_variance"),
    "mxnet": ("gamma", "beta", "running_mean", "running_var"),
    "onnx": ("scale", "B", "input_mean", "input_var"),
    "mlx": ("weight", "bias", "running_mean", "running_var"),
    "tinygrad": ("weight", "bias", "running_mean", "running_var"),
    "tvm": ("gamma", "beta", "moving_mean", "moving_var"),
}
#: How a layer is told to train and to infer.
_TOLD: Mapping[str, tuple[str, str]] = {
    "torch": ("layer.train()", "layer.eval()"),
    "mindspore": ("layer.set_train()", "layer.set_train(False)"),
    "keras": ("layer(x, training=True)", "layer(x)"),
    "keras2-fused": ("layer(x, training=True)", "layer(x)"),
    "flax": (
        'layer.apply(state, x, use_running_average=False, mutable=["batch_stats"])',
        "layer.apply(state, x, use_running_average=True)",
    ),
    "equinox": ("a new layer", "equinox.nn.inference_mode(layer)"),
    "haiku": ("is_training=True", "is_training=False"),
    "paddle": ("layer.train()", "layer.eval()"),
    "mlx": ("layer.train()", "layer.eval()"),
}


def meaning(side: Side) -> str:
    """Return the formula of the running statistics, with the momentum as the side means it."""
    if side.declared.dialect.momentum == "new":
        return "running = (1 - momentum) * running + momentum * batch"
    return "running = momentum * running + (1 - momentum) * batch"


def relation(one: Known, other: Known) -> str:
    """Return how a momentum of one side is said on the other."""
    here, there = one.side, other.side
    default = here.declared.default_momentum
    if here.declared.dialect.momentum == there.declared.dialect.momentum:
        return "Both mean the same: a momentum is carried over as it is."
    return (
        f"They mean the opposite: `momentum_{_short(there)} = 1 - momentum_{_short(here)}`. "
        f"The default {default:g} of `{here.title}` is {nearest(default):g} on the other side, "
        f"whose own default is {there.declared.default_momentum:g}."
    )


def _short(side: Side) -> str:
    return side.framework.replace("-", "_")


def steps(one: Known, other: Known) -> Iterator[str]:
    """Yield what to do to convert a layer of one side to the other."""
    here, there = one.side, other.side
    yield from _written(here, there)
    if here.declared.default_eps != there.declared.default_eps:
        word = there.constructor.eps if there.constructor is not None else "eps"
        yield (
            f"eps: its default is {here.declared.default_eps:g} here and "
            f"{there.declared.default_eps:g} there: write `{word}={here.declared.default_eps:g}`"
        )
    if here.framework in _TOLD and there.framework in _TOLD:
        train, infer = _TOLD[there.framework]
        yield f"mode: train by `{train}`, infer by `{infer}`"
    if here.framework in _STATE and there.framework in _STATE:
        pairs = zip(_STATE[here.framework], _STATE[there.framework], strict=True)
        yield "state: " + ", ".join(f"`{a}` becomes `{b}`" for a, b in pairs)
    yield from _saved(here, there)
    yield from _variance(here, there)
    yield from advice(one, other)


def _saved(here: Side, there: Side) -> Iterator[str]:
    """Yield what a checkpoint of either API calls the same, where it is not the attribute."""
    if {here.framework, there.framework} == set(APIS) and {here.kind, there.kind} <= set(KINDS):
        names = [
            list(checkpoint_names(api_called(side.framework), side.kind).values())
            for side in (here, there)
        ]
        pairs = zip(*(ordered[:4] for ordered in names), strict=True)
        yield "checkpoint of a layer by itself: " + ", ".join(
            f"`{a}` becomes `{b}`" for a, b in pairs
        )


def _variance(here: Side, there: Side) -> Iterator[str]:
    """Yield what becomes of the running variance where the sides take it otherwise."""
    taken = there.declared.dialect.running_variance
    if taken != here.declared.dialect.running_variance:
        factor = "(n - 1) / n" if taken == "biased" else "n / (n - 1)"
        yield (
            f"running variance: what was loaded stays right; what `{there.title}` goes on to "
            f"compute is {factor} times as large, for n values in a channel of the batch"
        )


def _written(here: Side, there: Side) -> Iterator[str]:
    """Yield a call as `bnparity translate` translates it, where it knows both sides."""
    if {here.framework, there.framework} != {"torch", "mindspore"}:
        return
    momentum = 0.2 if here.framework == "torch" else 0.8
    call = f"{here.title}(64, momentum={momentum})"
    try:
        translated = translate(call, there.framework).splitlines()[0]
    except (UsageError, Untranslatable):
        return
    yield f"constructor: `{call}` becomes `{translated}` (`bnparity translate`)"
