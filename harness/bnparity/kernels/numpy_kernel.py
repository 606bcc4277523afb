"""BatchNorm in NumPy: the clear one, and the fallback where nothing else is installed.

Two passes over the data; sums are taken in float64, everything else in float32 or wider.
"""

from collections.abc import Mapping

import numpy as np

from bnparity.backends import Array, Outputs
from bnparity.kernels.outputs import check_size, of_parameters, updated, write
from bnparity.kernels.phases import grad_input, moments, normalize, sums, values_per_channel


@np.errstate(all="ignore")  # overflow and 0 / 0 have the IEEE results, without a warning
def batch_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    *,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_output: Array | None = None,
    out: Mapping[str, Array] | None = None,
) -> Outputs:
    """Return the output of BatchNorm, the running statistics, and the gradients where asked for.

    Parameters
    ----------
    x
        ``(N, C, *spatial)``, of any strides, float16 to float64.
    weight, bias, running_mean, running_var
        ``(C,)`` or None.
    training
        Normalise with the batch's statistics and update the running ones. Without running
        statistics the batch's serve in inference too.
    momentum
        The batch's weight in the running statistics; None takes the batch for the first one.
    eps
        Added to the variance.
    grad_output
        Like `x`, or None.
    out
        Arrays to write results to, by the names of the result.

    Returns
    -------
    dict
        ``output``, ``running_mean``, ``running_var``, ``grad_input``, ``grad_weight`` and
        ``grad_bias``; None, or missing, for what was not asked for.

    Raises
    ------
    ValueError
        If it is to train on one value per channel, or if `out` asks for what this call has not.
    """
    check_size(x, training=training)
    count, running = values_per_channel(x), (running_mean, running_var)
    if training or running_mean is None or running_var is None:
        batch = moments(x)
        from_batch, mean, var = True, batch.mean, batch.var
    else:
        from_batch, mean, var = False, running_mean, running_var
    output, normalized = normalize(x, mean, var, weight, bias, eps)
    results: Outputs = {"output": output}
    results |= updated(running, (mean, var), count, training=training, momentum=momentum)
    if grad_output is not None:
        found = sums(grad_output, normalized)
        through = found if from_batch else None
        results["grad_input"] = grad_input(grad_output, normalized, through, count)
        results |= of_parameters(weight, bias, found.grad, found.projection)
    return write(results, out)


def probe() -> dict[str, str]:
    """Return the version of NumPy, and the device."""
    return {"version": np.__version__, "device": "cpu"}


batch_norm.__dict__.update(
    probe=probe,
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
    degenerate=True,
    momentum_none=True,
)
