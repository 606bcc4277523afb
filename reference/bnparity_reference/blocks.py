"""A call taken apart into blocks of channels, which are answered side by side."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.threads import at_once, parts_of

Array = NDArray[np.float64]
Answer = Callable[[Call], dict[str, Array]]

#: Values worked on at a time: a few arrays of so many stay in the processor's last cache.
_BLOCK = 2**17


def of_blocks(answer: Answer, call: Call) -> dict[str, Array]:
    """Return the answer to all blocks; several at a time, as other threads may run meanwhile."""
    channels, n = call.x.shape
    parts = parts_of(channels, n, _BLOCK)
    if len(parts) < 2:
        return answer(call)
    wide = ("output",) if call.grad is None else ("output", "grad_input")
    whole = {name: np.empty(call.x.shape) for name in wide}
    arrays = _arrays(call)

    def put(part: slice) -> dict[str, Array]:
        """Put a block's rows in their place in the whole; return its columns."""
        of_part: Any = {name: a[part] for name, a in arrays.items()}
        found = answer(replace(call, **of_part))
        for name, rows in whole.items():
            rows[part] = found.pop(name)
        return found

    columns = at_once(put, parts)
    joined = {name: np.concatenate([found[name] for found in columns]) for name in columns[0]}
    return whole | joined


def _arrays(call: Call) -> dict[str, Array]:
    """Return all that a call has for each channel."""
    given = {f.name: getattr(call, f.name) for f in fields(call)}
    return {name: a for name, a in given.items() if isinstance(a, np.ndarray)}
