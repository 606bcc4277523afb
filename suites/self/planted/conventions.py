"""Conventions mixed up: another framework's reading of BatchNorm, or nobody's."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planted.fault import VALUES, Fault, wrong
from planted.textbook import (
    Array,
    Call,
    Forward,
    Moments,
    affine,
    blend,
    chosen,
    root,
    share,
    unbiased,
)


def _eps(changed: Callable[[float], float]) -> Callable[[Call], Call]:
    return lambda call: replace(call, eps=changed(call.eps))


def _unbiased_pick(call: Call, batch: Moments, from_batch: bool) -> Moments:
    mean, var = chosen(call, batch, from_batch)
    return mean, var * np.float64(call.n) / np.float64(call.n - 1) if from_batch else var


def _unbiased_gradient(forward: Forward, grad: Array) -> Array:
    through = grad
    if forward.from_batch:
        projection = (grad * forward.normalized).sum(axis=1, keepdims=True) / (forward.n - 1)
        through = grad - grad.mean(axis=1, keepdims=True) - forward.normalized * projection
    return forward.weight / forward.scale * through


def _outside(var: Array, eps: float) -> Array:
    return np.sqrt(var) + eps


def _outside_gradient(forward: Forward, grad: Array) -> Array:
    through = grad
    if forward.from_batch:
        std = np.sqrt(forward.var)
        slope = np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
        projection = (grad * forward.normalized).mean(axis=1, keepdims=True)
        centred = forward.normalized * forward.scale
        through = grad - grad.mean(axis=1, keepdims=True) - centred * slope * projection
    return forward.weight / forward.scale * through


def _halves(mean_of_batch: bool) -> Callable[[Call, Moments, bool], Moments]:
    def pick(call: Call, batch: Moments, from_batch: bool) -> Moments:
        running = chosen(call, batch, from_batch=False)
        mean, var = (batch, running) if mean_of_batch else (running, batch)
        return (mean[0], var[1]) if from_batch else running

    return pick


def _blended(
    training: bool, estimate: Callable[[Array, int], Array]
) -> Callable[[Call, Moments, bool], Moments]:
    def pick(call: Call, batch: Moments, from_batch: bool) -> Moments:
        mean, var = chosen(call, batch, from_batch=False)
        if call.training != training or call.running_mean is None:
            return chosen(call, batch, from_batch)
        weight = 1.0 if call.momentum is None else call.momentum
        entering = estimate(batch[1], call.n)
        return blend(mean, batch[0], weight), blend(var, entering, weight)

    return pick


def _untracked_is_fresh(call: Call, batch: Moments, from_batch: bool) -> Moments:
    mean, var = chosen(call, batch, from_batch)
    fresh = not call.training and call.running_mean is None
    return (np.zeros_like(mean), np.ones_like(var)) if fresh else (mean, var)


def _constant(value: Array | None, constant: float) -> Array | None:
    """Return a parameter that takes no part, where there is one: its gradient is still due."""
    return None if value is None else np.full_like(value, constant)


def _swapped(call: Call) -> Call:
    both = call.weight is not None and call.bias is not None
    return replace(call, weight=call.bias, bias=call.weight) if both else call


def _bias_in_training_only(forward: Forward) -> Array:
    return affine(forward) if forward.call.training else forward.normalized * forward.weight


_VARIANCE = (
    wrong(
        "normalizing_variance=unbiased",
        "The unbiased variance normalises, and is differentiated as such.",
        chosen=_unbiased_pick,
        grad_input=_unbiased_gradient,
    ),
    wrong(
        "normalizing-unbiased-textbook-gradient",
        "The unbiased variance normalises; the gradient is the textbook's, of the biased one.",
        codes=("normalizing_variance=unbiased",),
        chosen=_unbiased_pick,
    ),
)

_EPS = (
    wrong(
        "eps_placement=outside",
        "eps is added to the square root, and differentiated as such (EPS-05).",
        root=_outside,
        grad_input=_outside_gradient,
    ),
    wrong(
        "eps-outside-textbook-gradient",
        "eps is added to the square root; the gradient is the textbook's (EPS-05).",
        codes=("eps_placement=outside",),
        root=_outside,
    ),
    wrong("eps=ignored", "eps is not added at all.", read=_eps(lambda eps: 0.0)),
    wrong("eps_floor=1e-05", "A smaller eps is 1e-5 (EPS-03).", read=_eps(lambda e: max(e, 1e-5))),
    wrong("eps_floor=0.001", "A smaller eps is raised to 1e-3.", read=_eps(lambda e: max(e, 1e-3))),
    wrong(
        "eps_floor=1.001e-05",
        "A smaller eps is silently raised to 1.001e-5 (EPS-01).",
        read=_eps(lambda eps: max(eps, 1.001e-5)),
        kinds=VALUES,
    ),
    wrong(
        "eps-hard-coded",
        "eps is 1e-5 whatever is given.",
        codes=("eps_value=1e-05",),
        read=_eps(lambda eps: 1e-5),
    ),
    wrong("eps-added-twice", "eps is added to the variance twice.", read=_eps(lambda e: 2 * e)),
    wrong("eps-squared", "The square of eps is added.", read=_eps(lambda eps: eps * eps)),
    wrong(
        "eps-is-a-floor-of-the-variance",
        "The variance is raised to eps instead of eps being added to it.",
        root=lambda var, eps: np.sqrt(np.maximum(var, eps)),
    ),
    wrong(
        "inverse-deviation-capped",
        "1 / sqrt(var + eps) is at most 100, as if eps had a floor where the variance is tiny.",
        root=lambda var, eps: np.maximum(root(var, eps), 0.01),
    ),
)

_AFFINE = (
    wrong(
        "weight=ignored",
        "The weight takes no part (GRD-05).",
        read=lambda call: replace(call, weight=_constant(call.weight, 1)),
    ),
    wrong(
        "bias=ignored",
        "The bias takes no part.",
        read=lambda call: replace(call, bias=_constant(call.bias, 0)),
    ),
    wrong(
        "weight-ignored-in-output",
        "The weight takes part in the gradient, but not in the output.",
        codes=("weight=ignored",),
        affine=lambda forward: forward.normalized + forward.bias,
    ),
    wrong(
        "weight-plus-one",
        "The weight is taken for its distance from 1.",
        affine=lambda forward: forward.normalized * (1 + forward.weight) + forward.bias,
    ),
    wrong(
        "bias-before-weight",
        "The bias is added before the weight multiplies.",
        affine=lambda forward: (forward.normalized + forward.bias) * forward.weight,
    ),
    wrong(
        "bias-in-training-only",
        "The bias is forgotten in inference.",
        codes=("bias=ignored",),
        affine=_bias_in_training_only,
    ),
    wrong("weight-and-bias-swapped", "Weight and bias change places.", read=_swapped),
)

_MODES = (
    wrong(
        "train_statistics=running",
        "Training normalises with running statistics (MOD-03).",
        source=lambda call: call.running_mean is None,
    ),
    wrong(
        "eval_statistics=batch",
        "Inference normalises with the batch's statistics (MOD-05).",
        source=lambda call: True,
        # In inference on one value it takes statistics of that, and refuses as in training.
        kinds=("semantics", "error"),
    ),
    wrong("mean-of-batch-alone", "Training takes the running variance.", chosen=_halves(True)),
    wrong("variance-of-batch-alone", "Training takes the running mean.", chosen=_halves(False)),
    wrong(
        "inference-with-blended",
        "Inference normalises with running statistics blended with the batch's (MOD-07).",
        codes=("eval_statistics=updated", "running_variance=biased"),
        chosen=_blended(False, lambda var, n: var),
    ),
    wrong(
        "eval_statistics=updated",
        "Inference normalises with running statistics as they would be after an update.",
        chosen=_blended(False, unbiased),
    ),
    wrong(
        "inference-updates-first",
        "Inference updates running statistics, as training does, and then normalises with them.",
        codes=("eval_statistics=updated", "running_update=always"),
        chosen=_blended(False, unbiased),
        share=lambda call: share(replace(call, training=True)),
    ),
    wrong(
        "training-with-updated",
        "Training normalises with the running statistics that it has just updated.",
        codes=("train_statistics=updated", "running_variance=biased"),
        chosen=_blended(True, lambda var, n: var),
    ),
    wrong(
        "untracked-inference-is-fresh",
        "Untracked inference normalises with mean 0 and variance 1 (MOD-15).",
        chosen=_untracked_is_fresh,
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_VARIANCE, *_EPS, *_AFFINE, *_MODES)
