"""The bounds of the gradients: those of sums over a channel, and of what is made of them."""

import numpy as np
from bnparity_reference import Exact
from bnparity_reference.records import Backward, Forward
from bnparity_reference.rows import from_rows
from bnparity_reference.scalars import parameters_divided_by

from bnparity.judging.added import added_bound, added_on_the_way, added_values
from bnparity.judging.denominators import added_after
from bnparity.judging.limits import Arithmetic, Errors, row_sums, unless_beyond
from bnparity.judging.nonfinite import Array


def gradient_bounds(
    exact: Exact, errors: Errors, of_last: Array, limits: Arithmetic
) -> dict[str, Array | None]:
    """Return the bound of each gradient, None where there is none; what `error_bounds` is for.

    `of_last` is the relative bound of what the gradient by the data is divided by in the end.
    """
    backward = exact.backward
    if backward is None:
        return {"grad_input": None, "grad_weight": None, "grad_bias": None}
    forward = backward.forward
    by_weight, by_bias = _sums(forward, backward, errors, slice(None), limits)
    sums = by_weight, by_bias
    by_input = _by_input(forward, backward, errors, of_last, sums, limits)
    grad = backward.grad[:, exact.columns]
    if grad.shape[1] < forward.x.shape[1]:  # a rank sums over its own values
        by_weight, by_bias = _sums(forward, backward, errors, exact.columns, limits)
    if limits.dialect.parameter_gradients != "summed":
        n = parameters_divided_by(limits.dialect, grad.shape[1], exact.output.shape[0])
        by_weight = averaged_bound(by_weight, exact.grad_weight, n, limits)
        by_bias = averaged_bound(by_bias, exact.grad_bias, n, limits)
    return {
        "grad_input": from_rows(by_input[:, exact.columns], exact.output, exact.channel_axis),
        "grad_weight": by_weight[:, 0],
        "grad_bias": by_bias[:, 0],
    }


def averaged_bound(of_sum: Array, average: Array | None, n: int, limits: Arithmetic) -> Array:
    """Return the bound of the average (C,) of n values, given that of their sum (C, 1)."""
    assert average is not None
    bound: Array = of_sum / n + (limits.unit * np.abs(average) + limits.tiny)[:, np.newaxis]
    return bound


def _by_input(
    forward: Forward,
    backward: Backward,
    errors: Errors,
    of_last: Array,
    sums: tuple[Array, Array],
    limits: Arithmetic,
) -> Array:
    """Return the bound of the gradient by the data, given those of its two sums."""
    gain = np.abs(forward.weight) / backward.last.scale
    terms, total = limits.unit * np.abs(backward.grad) + limits.tiny, backward.grad
    size = np.abs(total)
    if backward.through_statistics:
        (by_weight, by_bias), n = sums, forward.values
        every_xh = backward.factor * backward.projection
        through_xh = forward.left_in(every_xh)
        through_mean = forward.left_in(np.broadcast_to(backward.mean, through_xh.shape))
        if limits.any_order:  # the terms may have been multiplied by the gain before
            products = backward.grad * forward.normalized
            by_weight = by_weight + limits.lost_of_multiple(products, gain)
            by_bias = by_bias + limits.lost_of_multiple(backward.grad, gain)
            by_bias = by_bias + _of_rest(backward.grad, through_xh, gain, limits)
        rule, less = limits.dialect.gradient, np.maximum(n - 1.0, 1.0)
        of_mean = less if rule in ("bessel", "bessel_mean") else n
        of_projection = less if rule in ("bessel", "bessel_projection") else n
        through = _through_variance(backward, errors, by_weight / of_projection, limits)
        terms = terms + forward.left_in(by_bias / of_mean + through)
        size = size + np.abs(backward.mean) + np.abs(every_xh)  # 0 times what overflows is NaN
        total = total - through_mean - through_xh
    rounding_of_result = np.abs(total) * (of_last + limits.unit)
    flushed = limits.tiny * (1.0 + 1.0 / backward.last.scale)  # of who divides last
    bound: Array = gain * (terms * (1.0 + of_last) + rounding_of_result) + flushed
    bound = bound + limits.flushed(np.abs(forward.weight), backward.last.scale, size)
    size = np.maximum(np.abs(forward.weight), gain) * size
    if backward.added is not None:
        addends = np.abs(gain * total) + np.abs(added_values(backward.added, forward))
        bound = bound + added_bound(backward.added, forward, errors, limits)
        bound = bound + limits.unit * addends
        size = np.maximum(size, added_on_the_way(backward.added, forward))
    return unless_beyond(size, bound, limits)


def _sums(
    forward: Forward, backward: Backward, errors: Errors, columns: slice, limits: Arithmetic
) -> tuple[Array, Array]:
    """Return the bounds of grad_weight and grad_bias, as sums over some columns of the rows."""
    grad, normalized = backward.grad[:, columns], forward.normalized[:, columns]
    g, xh, n = np.abs(grad), np.abs(normalized), grad.shape[1]
    g_total, g_xh = row_sums(g), row_sums(g * xh)
    of_sum = limits.lost(grad, g_total)
    by_bias = unless_beyond(g_total, of_sum + n * limits.tiny, limits)
    of_xh = errors.xh[:, columns]
    product = row_sums(g * of_xh + limits.unit * g * xh + limits.tiny * (1.0 + g + xh))
    lost = limits.lost(grad * normalized, g_xh)
    if limits.any_order:  # sum(g x) - mean sum(g), divided by the denominator, may lose more
        raw = grad * forward.x[:, columns]
        size = row_sums(np.abs(raw))
        other = limits.lost(raw, size) + limits.unit * size + np.abs(forward.used.mean) * of_sum
        lost = np.maximum(lost, other / forward.scale)
    # Sums of g (x - mean) or of g x, to be divided afterwards, are larger still.
    mean, x = np.abs(forward.used.mean), np.abs(forward.x[:, columns])
    largest_sum = np.maximum(g_xh, row_sums(g * x) + mean * g_total)
    after = added_after(forward, limits.dialect)
    by_weight = product + lost + after * (by_bias + 2.0 * limits.unit * g_total)
    return unless_beyond(largest_sum, by_weight, limits), by_bias


def _of_rest(grad: Array, through_xh: Array, gain: Array, limits: Arithmetic) -> Array:
    """Return what the sum of the gradients loses, taken when their projection is off already.

    Automatic differentiation takes it so: the variance needs the mean, which is differentiated
    last. On paper the sum is the same.
    """
    rest = grad - through_xh
    rounded = limits.unit * row_sums(np.abs(grad) + np.abs(through_xh) + np.abs(rest))
    return rounded + limits.lost(rest, row_sums(np.abs(rest))) + limits.lost_of_multiple(rest, gain)


def _through_variance(
    backward: Backward, errors: Errors, projection: Array, limits: Arithmetic
) -> Array:
    """Return the bound of the part of grad_input that goes through the variance, before the gain.

    The factor of the projection is xh itself where eps stands inside the root. Elsewhere it is
    larger, and its error with it.
    """
    forward, dialect = backward.forward, limits.dialect
    factor = np.abs(backward.factor)
    of_factor = errors.xh * np.maximum(backward.slope * forward.scale, 1.0)
    outside = dialect.eps_placement == "outside" and dialect.denominator == "deviation"
    if outside and errors.batch_var is not None:
        # 1 / sqrt(var) is lost with the variance, and has no value at 0.
        left = np.maximum(forward.used.var - errors.batch_var, 0.0)
        lost = np.where(left > 0.0, errors.batch_var / left, np.inf)
        of_factor = np.where(np.isinf(lost), np.inf, of_factor + factor * lost)
    magnitude = np.abs(backward.projection)
    return factor * projection + of_factor * (magnitude + projection)
