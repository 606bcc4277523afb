"""What all scripts that show a call have in common: its arrays, and the element that decides.

Small arrays stand in the script; others, and those that lie in memory in a way of their own, come
from the files beside it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnparity.backends import Array, lead
from bnparity.judging import CaseResult, Check
from bnparity.results.repro.accused import Accused

#: The most elements of all arrays together that stand in a script.
_MOST_ELEMENTS = 64

STATE = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A call to be shown: its result, the deciding element if one was judged, and whose it is."""

    case_result: CaseResult
    check: Check | None
    accused: Accused

    @property
    def arrays(self) -> dict[str, Array]:
        """The arguments that there are, by name."""
        given = vars(self.case_result.inputs)
        return {name: array for name, array in given.items() if array is not None}

    @property
    def is_small(self) -> bool:
        """Whether the arrays can stand in the script and lose nothing."""
        arrays = self.arrays.values()
        plain = all(array.flags.c_contiguous and lead(array, 0) == 0 for array in arrays)
        named = all(array.dtype.name != "bfloat16" for array in arrays)
        return plain and named and sum(array.size for array in arrays) <= _MOST_ELEMENTS


def imports(shown: Shown, modules: tuple[str, ...], loaded_with: str) -> Iterator[str]:
    """Yield the first lines: imports, and the arrays where they are not in the script.

    `loaded_with` is the function of ``repro.py`` that makes of such an array what the call takes.
    """
    yield from modules
    if shown.is_small:
        if not all(np.isfinite(array).all() for array in shown.arrays.values()):
            yield "from math import inf, nan"
        yield ""
        return
    yield from ("from pathlib import Path", "")
    yield f"from repro import FINDING, arguments, read, {loaded_with}"
    yield ""
    yield 'stored = read(Path(__file__).with_name("inputs.safetensors"))'
    yield 'arrays = arguments(FINDING["calls"][-1], stored)'


def values(shown: Shown, literal: Callable[[Array], str], loaded: str) -> Iterator[str]:
    """Yield a line for each array: what `literal` makes of it, or what `loaded` makes of its name.

    In `loaded`, ``{}`` stands for the array.
    """
    for name, array in shown.arrays.items():
        there = loaded.format(f'arrays["{name}"]')
        yield f"{name} = {literal(array) if shown.is_small else there}"


def told(shown: Shown, places: Mapping[str, str], whole: str) -> Iterator[str]:
    """Yield the last lines: got and expected, by the `places` of outputs; of a fault the whole."""
    check = shown.check
    if check is None:
        yield f"print({whole})"
        return
    index = ", ".join(map(str, check.index))
    yield f'print("got     ", float({places[check.output]}[{index}]))'
    yield f'print("expected {check.expected!r}")'


def nested(array: Array) -> str:
    """Return the elements of an array as nested lists, with the fewest digits that name them."""
    if array.ndim:
        return f"[{', '.join(map(nested, array))}]"
    value: Any = array[()]
    return str(value)


def numpy_text(array: Array) -> str:
    """Return an expression of NumPy's that makes a small array."""
    kind = "bool_" if array.dtype == np.bool_ else array.dtype.name  # as NumPy 1 has it too
    if not array.size:
        return f"np.zeros({array.shape}, np.{kind})"
    return f"np.array({nested(array)}, np.{kind})"
