"""Two conventions mixed up at once: a diagnosis owes both their names."""

from dataclasses import replace

import numpy as np

from planted.averages import old_share
from planted.fault import Fault, wrong
from planted.kernel import Results
from planted.textbook import Call, blend, rows_of, share


def _about_old_mean(call: Call, results: Results) -> Results:
    weight, mean, var = share(call), call.running_mean, call.running_var
    if weight is None or mean is None or var is None:
        return results
    off = rows_of(call.x, np.float64) - mean.astype(np.float64)[:, np.newaxis]
    moved = blend(var.astype(np.float64), np.square(off).mean(axis=1), weight)
    return {**results, "running_var": moved.astype(var.dtype)}


#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (
    wrong(
        "old-momentum-and-biased-variance",
        "The momentum weighs the old average of biased variances: Keras' conventions (BES-01).",
        codes=("momentum=old", "running_variance=biased"),
        share=old_share,
        running_estimate=lambda var, n: var,
    ),
    wrong(
        "biased-variance-about-the-old-mean",
        "The running variance blends squared deviations from the old running mean.",
        codes=("running_variance=biased", "running_variance_about=old_mean"),
        write=_about_old_mean,
    ),
    wrong(
        "no-weight-and-running-statistics",
        "Training takes running statistics, and the weight takes no part: a frozen layer.",
        codes=("train_statistics=running", "weight=ignored"),
        source=lambda call: call.running_mean is None,
        read=lambda call: (
            call if call.weight is None else replace(call, weight=np.ones_like(call.weight))
        ),
    ),
    wrong(
        "constant-gradient-and-no-update",
        "The batch's statistics are constants for the gradient, and never kept.",
        codes=("grad_statistics=constant", "running_update=never"),
        grad_input=lambda forward, grad: forward.weight / forward.scale * grad,
        share=lambda call: None,
    ),
    wrong(
        "eps-floor-and-biased-variance",
        "A smaller eps is raised to 1e-3, and the running variance is biased.",
        codes=("eps_floor=0.001", "running_variance=biased"),
        read=lambda call: replace(call, eps=max(call.eps, 1e-3)),
        running_estimate=lambda var, n: var,
    ),
)
