"""A call taken apart into blocks of channels, which are answered side by side."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call

Array = NDArray[np.float64]
Answer = Callable[[Call], dict[str, Array]]

#: Values worked on at a time: a few arrays of so many stay in the processor's cache.
_BLOCK = 2**16


def of_blocks(answer: Answer, call: Call) -> dict[str, Array]:
    """Return the answer to all blocks; several at a time, as other threads may run meanwhile."""
    parts = list(_blocks(call))
    if len(parts) == 1:
        return answer(call)
    wide = ("output",) if call.grad is None else ("output", "grad_input")
    whole = {name: np.empty(call.x.shape) for name in wide}
    ends = np.cumsum([len(part.x) for part in parts]).tolist()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        columns = list(pool.map(partial(_put, answer, whole), parts, ends))
    joined = {name: np.concatenate([found[name] for found in columns]) for name in columns[0]}
    return whole | joined


def _blocks(call: Call) -> Iterator[Call]:
    """Yield `call` for a few channels at a time; once for none."""
    channels, n = call.x.shape
    step = max(1, _BLOCK // max(n, 1))
    if channels <= step:
        yield call
        return
    arrays = {f.name: getattr(call, f.name) for f in fields(call)}
    arrays = {name: a for name, a in arrays.items() if isinstance(a, np.ndarray)}
    for start in range(0, channels, step):
        yield replace(call, **{name: a[start : start + step] for name, a in arrays.items()})


def _put(answer: Answer, whole: Mapping[str, Array], part: Call, end: int) -> dict[str, Array]:
    """Put a block's rows in their place in the `whole`, before `end`; return its columns."""
    found = answer(part)
    for name, rows in whole.items():
        rows[end - len(part.x) : end] = found.pop(name)
    return found
