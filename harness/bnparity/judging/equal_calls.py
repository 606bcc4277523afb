"""Equal calls of one case: they have equal replies, to the bit, whatever was called between them.

A race, a counter or a cache shows in many equal calls, or in one after a call with other contents
in the same memory: at the same addresses, and with the same first values.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.backends import OUTPUT_LIKE, Arrays, Ask, Fault, Reply, Settings
from bnparity.cases import MANY_CALLS, Case, Inputs, make_inputs
from bnparity.judging.verdicts import apart

#: Added to the seed of the contents before: no other case has them.
_OTHER_SEED = 1 << 32
#: The most values that stay the same at the beginning of each array.
_SAME = 64


def other_contents(case: Case, inputs: Inputs) -> Inputs:
    """Return other arguments for `case`: each begins with the values that it has in `inputs`."""
    recipe = replace(case.recipe, seed=case.recipe.seed + _OTHER_SEED)
    others = make_inputs(replace(case, recipe=recipe))
    for other, array in zip(vars(others).values(), vars(inputs).values(), strict=True):
        if other is not None:
            same = min(_SAME, array.size // 2)
            other.flat[:same] = array.flat[:same]
    return others


def after_others(ask: Ask, others: Inputs) -> Ask:
    """Return an `Ask` that makes each call after one with other contents in the same memory.

    What comes of that one is not told: it is for the next call to forget.
    """

    def ask_after(
        arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = lambda: None
    ) -> Reply:
        kept = {name: None if a is None else a.copy() for name, a in arrays.items()}
        _fill(arrays, vars(others))
        ask(arrays, replace(settings, traced=False))
        _fill(arrays, kept)
        return ask(arrays, settings, meanwhile)

    return ask_after


def _fill(arrays: Arrays, contents: Arrays) -> None:
    for name, array in arrays.items():
        if array is not None:
            array[...] = contents[name]


def steady(first: Reply, again: Callable[[], Reply], calls: int, *, doubtful: bool) -> Reply:
    """Return the `first` reply to a call, or the fault that equal calls have others.

    There are so many `calls`. A single one whose reply is `doubtful` is made once more, and many
    times if that changes it: what is wrong now and then is told as that.
    """
    replies = [first]
    if calls == 1 and doubtful:
        replies.append(again())
        if compared(replies) is first:
            return first
        calls = MANY_CALLS
    replies += [again() for _ in range(calls - len(replies))]
    return compared(replies)


def compared(replies: Sequence[Reply]) -> Reply:
    """Return the first of the replies to equal calls; a fault if an output differs in another.

    Of a reply that is a fault that is told as it is.
    """
    first = replies[0]
    for reply in replies:
        if reply.fault is not None:
            return reply
    if len(replies) == 1:
        return first
    for name in OUTPUT_LIKE:
        one = first.outputs.get(name)
        others = [r.outputs.get(name) for r in replies if not same_bits(one, r.outputs.get(name))]
        if others:
            text = (
                f"{name} is not the same in {len(replies)} calls with equal inputs: "
                f"{len(others)} differ from the first{_element(one, others[0])}"
            )
            return Reply(outputs={}, fault=Fault(kind="nondeterminism", text=text))
    return first


def _element(one: NDArray[Any] | None, other: NDArray[Any] | None) -> str:
    """Return the first element in which two outputs differ, in words; nothing of one alone."""
    if one is None or other is None:
        return ""
    alike = (one == other) | (np.isnan(one) & np.isnan(other))
    alike &= np.signbit(one) == np.signbit(other)
    index = np.unravel_index(int(alike.argmin()), alike.shape)
    before, after = apart(float(one[index]), float(other[index]))
    return f"; element [{', '.join(map(str, index))}] is {before}, then {after}"


def same_bits(a: NDArray[Any] | None, b: NDArray[Any] | None) -> bool:
    """Return whether two outputs agree to the bit; one NaN is as good as another."""
    if a is None or b is None:
        return a is b
    if a.tobytes() == b.tobytes():  # no bits of a NaN have to be looked for
        return True
    nan, zero = np.isnan(a) & np.isnan(b), a.dtype.type(0)
    return np.where(nan, zero, a).tobytes() == np.where(nan, zero, b).tobytes()
