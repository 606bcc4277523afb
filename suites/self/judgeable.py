"""Functions that tests judge: a right one, and one that is wrong by a convention."""

from typing import Any

from bnparity.kernels import numpy_kernel

#: The local kernel itself: a function that calls it would borrow its work.
right = numpy_kernel.batch_norm


def other_way_round(*arrays: Any, momentum: float | None, **settings: Any) -> Any:
    turned = None if momentum is None else 1 - momentum
    return numpy_kernel.batch_norm(*arrays, momentum=turned, **settings)


def one_pass(*arrays: Any, **settings: Any) -> Any:
    """Have the output of a variance that comes from one pass."""
    x = arrays[0].astype("f4")
    answer = dict(numpy_kernel.batch_norm(*arrays, **settings))
    if settings["training"] and arrays[3] is not None and settings["momentum"] is not None:
        axes, m = (0, *range(2, x.ndim)), settings["momentum"]
        n = x.size // x.shape[1]
        mean = x.mean(axes)
        var = (x * x).mean(axes) - mean * mean
        new = (1 - m) * arrays[4] + m * var * n / max(n - 1, 1)
        answer["running_var"] = new.astype(arrays[4].dtype)
    return answer


def misspelling(*arrays: Any, **settings: Any) -> Any:
    """Have the output under a name that none has."""
    answer = dict(numpy_kernel.batch_norm(*arrays, **settings))
    return {"outptu": answer.pop("output"), **answer}
