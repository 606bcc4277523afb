"""The bounds of the gradients: those of sums over a channel, and of what is made of them."""

import numpy as np
from bnparity_reference import Exact
from bnparity_reference.records import Backward, Forward
from bnparity_reference.rows import from_rows

from bnparity.judging.limits import Arithmetic, Errors, row_sums, unless_beyond
from bnparity.judging.nonfinite import Array
from bnparity.judging.summation import is_exact


def gradient_bounds(exact: Exact, errors: Errors, limits: Arithmetic) -> dict[str, Array | None]:
    """Return the bound of each gradient, None where there is none; what `error_bounds` is for."""
    forward, backward = exact.forward, exact.backward
    if backward is None:
        return {"grad_input": None, "grad_weight": None, "grad_bias": None}
    grad = backward.grad[:, exact.columns]
    total = limits.unit * np.abs(row_sums(grad)) + grad.shape[1] * limits.tiny
    # An exact sum has no other error, wherever it is returned as it is.
    by_bias = np.where(is_exact(grad, limits.roundoff), total, _of_sum(grad, limits))
    by_weight = _of_projection(forward, backward, errors, exact.columns, limits)
    by_input = _by_input(forward, backward, errors, limits)
    return {
        "grad_input": from_rows(by_input[:, exact.columns], exact.output, 1),
        "grad_weight": by_weight[:, 0],
        "grad_bias": unless_beyond(row_sums(np.abs(grad)), by_bias, limits)[:, 0],
    }


def _by_input(forward: Forward, backward: Backward, errors: Errors, limits: Arithmetic) -> Array:
    gain, inverse = np.abs(forward.weight) / forward.scale, errors.inverse
    terms, total = limits.unit * np.abs(backward.grad) + limits.tiny, backward.grad
    if backward.through_statistics:
        grad, n = backward.grad, forward.x.shape[1]
        by_weight = _of_projection(forward, backward, errors, slice(None), limits)
        by_bias = unless_beyond(row_sums(np.abs(grad)), _of_sum(grad, limits), limits)
        if limits.any_order:  # the terms may have been multiplied by the gain before
            by_weight = by_weight + limits.lost_of_multiple(grad * forward.normalized, gain)
            by_bias = by_bias + limits.lost_of_multiple(grad, gain)
        through = _through_variance(forward, backward, errors, by_weight / n, limits)
        terms = terms + by_bias / n + through
        total = total - backward.mean - forward.centred * backward.slope * backward.projection
    rounding_of_result = np.abs(total) * (inverse + limits.unit)
    bound: Array = gain * (terms * (1.0 + inverse) + rounding_of_result) + limits.tiny
    return bound


def _of_sum(grad: Array, limits: Arithmetic) -> Array:
    bound: Array = limits.lost(grad) + grad.shape[1] * limits.tiny
    return bound


def _of_projection(
    forward: Forward, backward: Backward, errors: Errors, columns: slice, limits: Arithmetic
) -> Array:
    """Return the bound of the sum of gradient and normalised data over some columns of the rows."""
    grad, normalized = backward.grad[:, columns], forward.normalized[:, columns]
    g, xh = np.abs(grad), np.abs(normalized)
    products = g * xh
    of_terms = g * errors.xh[:, columns] + limits.unit * products + limits.tiny * (1.0 + g + xh)
    # Sums of g (x - mean), to be divided afterwards, are larger still.
    larger = np.maximum(row_sums(products), row_sums(g * np.abs(forward.centred[:, columns])))
    lost = limits.lost(grad * normalized)
    if limits.any_order:
        lost = np.maximum(lost, _of_raw_products(forward, grad, columns, limits))
    return unless_beyond(larger, row_sums(of_terms) + lost, limits)


def _of_raw_products(forward: Forward, grad: Array, columns: slice, limits: Arithmetic) -> Array:
    """Return what sum(g x) - mean sum(g), divided by the denominator, loses in any order."""
    products = grad * forward.x[:, columns]
    lost = limits.lost(products) + limits.unit * row_sums(np.abs(products))
    bound: Array = (lost + np.abs(forward.used.mean) * limits.lost(grad)) / forward.scale
    return bound


def _through_variance(
    forward: Forward, backward: Backward, errors: Errors, projection: Array, limits: Arithmetic
) -> Array:
    """Return the bound of the part of grad_input that goes through the variance, before the gain.

    The factor of the projection is xh itself where eps stands inside the root. Elsewhere it is
    larger, and its error with it.
    """
    factor = np.abs(forward.centred * backward.slope)
    of_factor = errors.xh
    if limits.dialect.eps_placement == "outside" and errors.batch_var is not None:
        # 1 / sqrt(var) is lost with the variance, and has no value at 0.
        left = np.maximum(forward.used.var - errors.batch_var, 0.0)
        lost = np.where(left > 0.0, errors.batch_var / left, np.inf)
        larger = np.maximum(backward.slope * forward.scale, 1.0)
        of_factor = np.where(np.isinf(lost), np.inf, errors.xh * larger + factor * lost)
    magnitude = np.abs(backward.projection)
    return factor * projection + of_factor * (magnitude + projection)
