"""Whether the order of the values shows in statistics whose sums are exact in any order.

Only who updates a mean value by value, or merges those of parts, is off there. Whoever returns the
same bits for the same values in other orders does neither, and is not excused by it.
"""

from collections.abc import Callable
from dataclasses import replace

from bnparity_reference import Dialect

from bnparity.backends import Reply, format_of
from bnparity.cases import Case, momentum_of_batch_alone

#: So many orders are compared, at least.
_ORDERS = 8
#: With fewer values updates may lose nothing, or no more than sums.
_FEWEST = 64
#: Between the seeds of the cases: those that are drawn end below it.
_APART = 1 << 16


def order_shows(put: Callable[[Case], Reply], case: Case, dialect: Dialect) -> bool:
    """Return whether a backend may be one that updates its mean, by what it makes of other orders.

    Parameters
    ----------
    put
        Puts a case to the backend.
    case
        A case with exact data, in training and tracked: others like it are put.
    dialect
        The backend's.
    """
    # Statistics that are rounded to a half format are the same whatever was lost before.
    coarse = format_of(case.param_dtype).unit > format_of("float32").unit
    if case.values_per_channel < _FEWEST or coarse:
        return True
    momentum, seen = momentum_of_batch_alone(dialect), set[tuple[bytes, bytes]]()
    for place in range(1, 1 + -(-_ORDERS // case.shape[1])):
        recipe = replace(case.recipe, seed=case.recipe.seed + place * _APART)
        like = replace(case, momentum=momentum, fresh=True, recipe=recipe, history=())
        outputs = put(like).outputs
        if "running_mean" not in outputs or "running_var" not in outputs:
            return True
        of_channels = zip(outputs["running_mean"], outputs["running_var"], strict=True)
        seen |= {(mean.tobytes(), var.tobytes()) for mean, var in of_channels}
    return len(seen) > 1
