"""Running statistics that average something else, or in another way."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planted.fault import Fault, grafted, wrong
from planted.kernel import Results, kernel
from planted.textbook import (
    Array,
    Call,
    Moments,
    blend,
    chosen,
    root,
    rows_of,
    share,
    two_pass,
    unbiased,
)


def _none_is(momentum: float) -> Callable[[Call], Call]:
    return lambda call: replace(call, momentum=momentum if call.momentum is None else call.momentum)


def old_share(call: Call) -> float | None:
    """Return the batch's weight where the momentum weighs the old average."""
    weight = share(call)
    return weight if weight is None or call.momentum is None else 1.0 - weight


def _keep(old: Array, batch: Array, weight: float) -> Array:
    return old


def _debiased(call: Call, results: Results) -> Results:
    weight, mean, var = share(call), results.get("running_mean"), results.get("running_var")
    if not weight or mean is None or var is None:
        return results
    debiased = {"running_mean": mean / weight, "running_var": var / weight}
    return results | {name: value.astype(mean.dtype) for name, value in debiased.items()}


def _with_eps(call: Call, results: Results) -> Results:
    var, weight = results.get("running_var"), share(call)
    if var is not None and weight is not None:
        results["running_var"] = (var + weight * call.eps).astype(var.dtype)
    return results


def _std(old: Array, batch: Array, weight: float) -> Array:
    return blend(old, np.sqrt(batch), weight)


def _inverse_std(old: Array, batch: Array, weight: float) -> Array:
    return blend(old, 1.0 / np.sqrt(batch + 1e-5), weight)


def _write_inverse(call: Call, results: Results) -> Results:
    weight, old = share(call), call.running_var
    if weight is None or old is None:
        return results
    estimate = unbiased(two_pass(rows_of(call.x), call.x.shape)[1], call.n)[:, 0]
    moved = blend(old.astype(np.float64), 1.0 / root(estimate, call.eps), weight)
    return {**results, "running_var": moved.astype(old.dtype)}


def _inverse_read(call: Call, batch: Moments, from_batch: bool) -> Moments:
    mean, var = chosen(call, batch, from_batch)
    return mean, var if from_batch else -(var**-2.0)


def _root_with_eps_in_it(var: Array, eps: float) -> Array:
    """Return the deviation; one that was stored has eps in it already, and a minus to tell it."""
    return np.where(var < 0.0, np.sqrt(-var), root(var, eps))


def _share_where(condition: Callable[[Call], bool]) -> Callable[[Call], float | None]:
    return lambda call: share(replace(call, training=True)) if condition(call) else None


_MOMENTUM = (
    wrong("momentum=old", "The momentum weighs the old average (MOM-01, MOM-02).", share=old_share),
    wrong(
        "momentum-old-in-variance",
        "The momentum weighs the old average in the running variance alone.",
        codes=("momentum=old",),
        make=lambda: grafted(kernel(), kernel(share=old_share), "running_var"),
    ),
    wrong(
        "momentum-none-is-default",
        "momentum=None is read as the default of 0.1 rather than as the cumulative average.",
        codes=("momentum_value=0.1",),
        read=_none_is(0.1),
    ),
    wrong(
        "momentum-none-is-zero",
        "momentum=None never moves the running statistics (MOM-08).",
        codes=("running_update=never",),
        share=_share_where(lambda call: call.training and call.momentum is not None),
    ),
    wrong(
        "momentum-hard-coded",
        "The momentum that is given is dropped for 0.1 (MOD-05).",
        codes=("momentum_value=0.1",),
        read=lambda call: replace(call, momentum=0.1),
    ),
    wrong(
        "momentum-zero-is-default",
        "A momentum of 0 is taken for none given, and 0.1 for it.",
        codes=("momentum_value=0.1",),
        read=lambda call: replace(call, momentum=0.1) if call.momentum == 0.0 else call,
    ),
    wrong(
        "momentum-one-never-moves",
        "With a momentum of 1 running statistics are left as they are.",
        codes=("running_update=never",),
        share=lambda call: None if call.momentum == 1.0 else share(call),
    ),
    wrong(
        "mean-decays",
        "The running mean is multiplied by 1 - m, and no batch enters it.",
        blend_mean=lambda old, batch, weight: (1.0 - weight) * old,
    ),
    wrong(
        "momentum-squared",
        "The batch enters the running statistics with the square of its weight.",
        share=lambda call: None if (weight := share(call)) is None else weight * weight,
    ),
    wrong(
        "running-zero-debiased",
        "Running statistics are divided by 1 - (1 - m), as of a first step from zero (MOM-14).",
        write=_debiased,
    ),
    wrong(
        "updated-twice",
        "A recomputed forward pass moves the running statistics a second time.",
        codes=("updates_per_call=2",),
        blend_mean=lambda old, batch, weight: blend(blend(old, batch, weight), batch, weight),
        blend_var=lambda old, batch, weight: blend(blend(old, batch, weight), batch, weight),
    ),
    wrong("running_update=never", "Running statistics never move.", share=lambda call: None),
    wrong(
        "running_update=always",
        "Running statistics move in inference too (MOD-08).",
        share=_share_where(lambda call: True),
    ),
    wrong(
        "running-variance-never-moves",
        "The running variance never moves, the running mean does.",
        codes=("running_update=never",),
        blend_var=_keep,
    ),
    wrong(
        "updated-by-gradient-only",
        "Running statistics move only where a gradient is asked for (MOD-12).",
        codes=("running_update=never",),
        share=_share_where(lambda call: call.training and call.grad_output is not None),
    ),
)

_ESTIMATORS = (
    wrong(
        "running_variance=biased",
        "The biased variance enters the running one (BES-01).",
        running_estimate=lambda var, n: var,
    ),
    wrong(
        "running-variance-unbiased-twice",
        "Bessel's correction is applied twice.",
        running_estimate=lambda var, n: var * (n / (n - 1)) ** 2,
    ),
    wrong(
        "running-variance-with-eps",
        "eps is added to the variance that enters the running one.",
        write=_with_eps,
    ),
    wrong("running-variance-is-std", "The running variance averages stds.", blend_var=_std),
    wrong(
        "stored_variance=inverse_deviation",
        "The running variance is kept as the inverse deviation that normalises, and read as such.",
        chosen=_inverse_read,
        root=_root_with_eps_in_it,
        write=_write_inverse,
    ),
    wrong(
        "inverse-deviation-written-only",
        "The running variance takes in 1 / sqrt(var + eps) and is read as a variance.",
        codes=("stored_variance=inverse_deviation",),
        write=_write_inverse,
    ),
    wrong(
        "running-variance-is-inverse-std",
        "The running variance averages inverse standard deviations (STA-08).",
        codes=("stored_variance=inverse_deviation", "eps_value=1e-05"),
        blend_var=_inverse_std,
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_MOMENTUM, *_ESTIMATORS)
