"""What is due of a case: the oracle's answer and its tight bounds, made once for all backends."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact, batch_norm
from numpy.typing import NDArray

from bnparity.cases import Case, Inputs
from bnparity.judging.nonfinite import Array
from bnparity.judging.verdicts import any_order_bounds, tight_bounds

#: Elements of all data of which is remembered what is due: about a hundred bytes each, and half as
#: many again where a backend fails.
MOST_REMEMBERED = 2**21


@dataclass(frozen=True, kw_only=True)
class Due:
    """The oracle's answer under a dialect, and the bounds of its outputs.

    These are made when they are asked for, and remembered too.
    """

    exact: Exact
    dialect: Dialect
    dtype: str
    _any_order: dict[tuple[str, bool], Array | None] = field(default_factory=dict)

    @cached_property
    def tight(self) -> Mapping[str, Array | None]:
        """The tight bounds."""
        return tight_bounds(self.exact, dialect=self.dialect, dtype=self.dtype)

    def any_order(self, names: Collection[str], updating: bool) -> dict[str, Array | None]:
        """Return the any-order bounds of outputs, of who may be `updating` its mean or may not."""
        new = [name for name in names if (name, updating) not in self._any_order]
        if new:
            found = any_order_bounds(self.exact, self.dialect, self.dtype, new, updating)
            self._any_order.update({(name, updating): bound for name, bound in found.items()})
        return {name: self._any_order[name, updating] for name in names}


#: Says what is due of a case with these inputs, under a dialect.
Dues: TypeAlias = Callable[[Case, Inputs, Dialect], Due]

#: A case, a dialect, and the statistics that the calls before the case have left.
_Question: TypeAlias = tuple[Case, Dialect, tuple[bytes, ...]]


def due_of(case: Case, inputs: Inputs, dialect: Dialect) -> Due:
    """Return what is due of a case."""
    return Due(exact=expected(case, inputs, dialect), dialect=dialect, dtype=case.dtype)


def expected(case: Case, inputs: Inputs, dialect: Dialect) -> Exact:
    """Return the oracle's answer to `case` under `dialect`."""
    return batch_norm(
        **wide(vars(inputs)),
        dialect=dialect,
        training=case.training,
        momentum=case.momentum,
        eps=case.eps,
    )


def wide(arrays: Mapping[str, NDArray[Any] | None]) -> dict[str, Any]:
    """Return the arrays that there are in float64, as the oracle takes them; a mask as it is."""
    given = {name: a for name, a in arrays.items() if a is not None}
    return {name: a if a.dtype == np.bool_ else a.astype(np.float64) for name, a in given.items()}


@dataclass(kw_only=True)
class Remembered:
    """Remembers what is due, the latest cases best, for backends that are asked the same ones.

    They may be asked at the same time: whoever comes second waits for the first.
    """

    most: int = MOST_REMEMBERED
    _found: "OrderedDict[_Question, Future[Due]]" = field(default_factory=OrderedDict)
    _elements: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, case: Case, inputs: Inputs, dialect: Dialect) -> Due:
        """Return what is due of a case."""
        question = case, dialect, _handed_on(case, inputs)
        with self._lock:
            known = self._found.get(question)
            due = known or self._begin(question)
        if known is None:
            try:
                due.set_result(due_of(case, inputs, dialect))
            except BaseException as error:
                due.set_exception(error)
                raise
        return due.result()

    def _begin(self, question: _Question) -> "Future[Due]":
        """Make room for what is due of a case, and return the promise of it."""
        self._elements += prod(question[0].shape)
        while self._elements > self.most and self._found:
            (oldest, *_), _ = self._found.popitem(last=False)
            self._elements -= prod(oldest.shape)
        due = self._found[question] = Future[Due]()
        return due


def _handed_on(case: Case, inputs: Inputs) -> tuple[bytes, ...]:
    """Return the statistics that a backend itself has returned in the calls before a case."""
    moved = (inputs.running_mean, inputs.running_var) if case.history else ()
    return tuple(a.tobytes() for a in moved if a is not None)
