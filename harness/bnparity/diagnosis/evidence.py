"""What was returned, judged again under other dialects: nothing is computed twice."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
from bnparity_reference import Dialect

from bnparity.diagnosis.candidates import (
    OF_ACCURACY,
    Changes,
    changed,
    seen_in,
)
from bnparity.judging import CaseResult, Check, expected, judge

#: What a change makes of one output of one case result. It ``agrees`` where that passes with the
#: change and without. A failure is ``explained`` where the change brings the value as near as it
#: has to be; where only the bound has moved, the change is ``silent``.
Outcome: TypeAlias = Literal["agrees", "explained", "silent", "contradicted"]

#: Outputs that the same changes show in, by and large.
_TOGETHER = (
    ("output",),
    ("running_mean", "running_var"),
    ("grad_input", "grad_weight", "grad_bias"),
)

#: How much nearer a change has to bring the value that was furthest off.
NEARER = 4.0


@dataclass(frozen=True, kw_only=True)
class Again:
    """An output under another dialect: the check, and how far off is what was furthest off."""

    check: Check
    off: float


@dataclass(kw_only=True)
class Rejudging:
    """Judges case results of a backend again, until ``deadline`` on ``clock``.

    ``dialect`` is what it declares. What was judged is remembered by the case result's identity,
    so these have to live as long.
    """

    dialect: Dialect
    deadline: float = math.inf
    clock: Callable[[], float] = time.monotonic
    known: dict[tuple[int, str, Dialect], Again | None] = field(default_factory=dict)
    offs: dict[tuple[int, str, Dialect], float] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether time is up."""
        return self.clock() > self.deadline

    def again(self, case_result: CaseResult, output: str, changes: Changes) -> Again | None:
        """Return an output under `changes`; None where nothing is promised of it."""
        candidate = seen_in(changed(self.dialect, changes), self.dialect, output)
        key = (id(case_result), output, candidate)
        if key not in self.known:
            self._judge(case_result, candidate, output)
        return self.known[key]

    def off(self, case_result: CaseResult, output: str, changes: Changes) -> float:
        """Return how far off is, under `changes`, what was furthest off; no bound is looked at."""
        candidate = seen_in(changed(self.dialect, changes), self.dialect, output)
        key = (id(case_result), output, candidate)
        if key not in self.offs:
            self.offs[key] = self._measure(case_result, output, candidate)
        return self.offs[key]

    def _measure(self, case_result: CaseResult, output: str, candidate: Dialect) -> float:
        check = next(c for c in case_result.checks if c.output == output)
        inputs = case_result.inputs
        if not output.startswith("grad_"):
            inputs = replace(inputs, grad_output=None)
        exact = getattr(expected(case_result.case, inputs, candidate), output)
        return math.inf if exact is None else _off(check.got, float(exact[check.index]))

    def outcome(self, case_result: CaseResult, output: str, changes: Changes) -> Outcome:
        """Return what `changes` make of an output that `case_result` has a check of."""
        found = self.again(case_result, output, changes)
        failed = output in case_result.failed
        if found is not None and found.check.verdict == "fail":
            return "contradicted"
        if not failed:
            return "agrees"
        if found is None:
            return "silent"
        return "explained" if self._earned(case_result, output, changes, found) else "silent"

    def _earned(self, case_result: CaseResult, output: str, changes: Changes, found: Again) -> bool:
        """Return whether values account for it, or such accuracy as `changes` speak of."""
        accuracy = tuple(change for change in changes if change[0] in OF_ACCURACY)
        if accuracy:
            alone = self.again(case_result, output, accuracy)
            if alone is not None and alone.check.verdict != "fail":
                return True
        declared = self.again(case_result, output, ())
        assert declared is not None
        return found.off * NEARER <= declared.off or found.off == 0.0

    def _judge(self, case_result: CaseResult, candidate: Dialect, output: str) -> None:
        """Judge `output`, and what is judged with it for nothing."""
        inputs, with_it = case_result.inputs, next(g for g in _TOGETHER if output in g)
        if not output.startswith("grad_"):
            inputs = replace(inputs, grad_output=None)
        exact = expected(case_result.case, inputs, candidate)
        wanted = {name: a for name, a in case_result.outputs.items() if name in with_it}
        checks = judge(
            wanted,
            exact,
            dialect=candidate,
            dtype=case_result.case.dtype,
            updating=case_result.updating,
        )
        by_output = {check.output: check for check in checks}
        declared = {check.output: check for check in case_result.checks}
        for name in {output, *by_output}:
            check, found = by_output.get(name), None
            if check is not None:
                there = declared.get(name, check)
                value = float(getattr(exact, name)[there.index])
                found = Again(check=check, off=_off(there.got, value))
            key = (id(case_result), name, seen_in(candidate, self.dialect, name))
            self.known[key] = found


def _off(got: float, exact: float) -> float:
    """Return how far `got` is from the exact value; infinitely far from another kind of number."""
    if np.isnan(got) and np.isnan(exact):
        return 0.0
    if got == exact:
        return 0.0
    error = abs(got - exact)
    return math.inf if np.isnan(error) else error
