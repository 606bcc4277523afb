"""What was returned, judged again under other dialects: nothing is computed twice."""

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from bnparity_reference import Dialect, alike

from bnparity.diagnosis.again import distance, judge_again, largest_distance, measure_again
from bnparity.diagnosis.candidates import OF_ACCURACY, Changes, changed, seen_in
from bnparity.diagnosis.readings import Readings
from bnparity.judging import CaseResult, Check, Due, Dues, due_of, expected

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

#: Conventions by which values of other channels enter the statistics of one.
_WIDER = {"statistics_over", "channel_axis"}

#: What a judgement takes, beside asking the oracle.
JUDGING = 4.0
#: How many values take as long as the call with them.
VALUES_OF_A_UNIT = 4096
#: What a diagnosis is worth: some eight seconds of a processor. Most names take a tenth of it, and
#: those of seven conventions at once nearly all.
MOST_EFFORT = 18_000.0

#: How much nearer a change has to bring the value that was furthest off.
NEARER = 4.0

#: So many bounds off, an output is likely to be beyond those of another dialect too.
FAR = 100.0


@dataclass(frozen=True, kw_only=True)
class Again:
    """An output under another dialect: the check, and how far off is what was furthest off."""

    check: Check
    off: float


#: A case result by its identity, an output of it, and the dialect as far as that shows there.
Key: TypeAlias = tuple[int, str, Dialect]

#: Returns checks of some outputs of a case result.
Judge: TypeAlias = Callable[[CaseResult, Collection[str], Due, Dialect], Mapping[str, Check]]


@dataclass(kw_only=True)
class Rejudging:
    """Judges case results of a backend again, until ``deadline`` or with ``most_effort``.

    ``dialect`` is what it declares; ``dues`` says what is due under others. What was judged is
    remembered by the case result's identity, so these have to live as long: ``known`` by the whole
    judge, ``tight`` by the tight line alone.
    """

    dialect: Dialect
    deadline: float = math.inf
    most_effort: float = math.inf
    dues: Dues = due_of
    effort: float = 0.0
    known: dict[Key, Again | None] = field(default_factory=dict)
    tight: dict[Key, Again | None] = field(default_factory=dict)
    offs: dict[Key, float] = field(default_factory=dict)
    candidates: dict[tuple[str, Changes], Dialect] = field(default_factory=dict)
    alikes: dict[tuple[int, Dialect], Dialect] = field(default_factory=dict)
    latest: tuple[tuple[int, bool, Dialect], Due] | None = None

    @cached_property
    def readings(self) -> Readings:
        """What failures say of numbers under the declared dialect."""
        return Readings(dialect=self.dialect)

    @property
    def over(self) -> bool:
        """Whether time is up, or all effort spent."""
        return self.effort > self.most_effort or time.monotonic() > self.deadline

    @contextmanager
    def part(self, parts: float) -> Iterator[None]:
        """Give what is looked for meanwhile one of `parts` of the effort that is left."""
        most = self.most_effort
        self.most_effort = self.effort + (most - self.effort) / parts
        try:
            yield
        finally:
            self.most_effort = most

    def again(self, case_result: CaseResult, output: str, changes: Changes) -> Again | None:
        """Return an output under `changes`; None where nothing is promised of it."""
        key = self._key(case_result, output, changes)
        if key not in self.known:
            self._judge(case_result, output, key[2], judge_again, self.known)
        return self.known[key]

    def measured(self, case_result: CaseResult, output: str, changes: Changes) -> Again | None:
        """Return the same by the tight line alone: its ratio, and a verdict that knows no loose."""
        key = self._key(case_result, output, changes)
        if key in self.known:
            return self.known[key]
        if key not in self.tight:
            self._judge(case_result, output, key[2], measure_again, self.tight)
        return self.tight[key]

    def _key(self, case_result: CaseResult, output: str, changes: Changes) -> Key:
        if (output, changes) not in self.candidates:
            candidate = seen_in(changed(self.dialect, changes), self.dialect, output)
            self.candidates[output, changes] = candidate
        return id(case_result), output, self._alike(case_result, self.candidates[output, changes])

    def _seen_in(self, case_result: CaseResult, output: str, candidate: Dialect) -> Key:
        """Return the key of an output under a candidate that was made for another one."""
        return id(case_result), output, seen_in(candidate, self.dialect, output)

    def _alike(self, case_result: CaseResult, candidate: Dialect) -> Dialect:
        """Return `candidate` without the changes that cannot show in a case."""
        if candidate == self.dialect:
            return candidate
        key = id(case_result), candidate
        if key not in self.alikes:
            case, inputs = case_result.case, case_result.inputs
            given = (inputs.x, inputs.weight, inputs.bias, inputs.running_mean, inputs.running_var)
            self.alikes[key] = alike(
                candidate, self.dialect, *given, momentum=case.momentum, eps=case.eps
            )
        return self.alikes[key]

    def is_far(self, case_result: CaseResult, output: str, changes: Changes) -> bool:
        """Return whether an output is so far from what `changes` ask for that bounds would tell.

        That is a guess, and a cheap one: the declared bound of one element stands for all.
        """
        _, _, candidate = key = self._key(case_result, output, changes)
        if key in self.known:
            return True
        due = getattr(self._due(case_result, output, candidate).exact, output)
        bound = next(c.bound for c in case_result.checks if c.output == output)
        return due is not None and largest_distance(case_result.outputs[output], due) > FAR * bound

    def off(self, case_result: CaseResult, output: str, changes: Changes) -> float:
        """Return how far off is, under `changes`, what was furthest off; no bound is looked at."""
        key = self._key(case_result, output, changes)
        if key not in self.offs:
            self._measure(case_result, output, key[2])
        return self.offs[key]

    def _measure(self, case_result: CaseResult, output: str, candidate: Dialect) -> None:
        """Measure `output`, and what the oracle says with it for nothing."""
        inputs, of_gradient = case_result.inputs, output.startswith("grad_")
        self.effort += effort_of(case_result)
        if not of_gradient:
            inputs = replace(inputs, grad_output=None)
        found = expected(case_result.case, inputs, candidate)
        for check in case_result.checks:
            if of_gradient or not check.output.startswith("grad_"):
                exact = getattr(found, check.output)
                off = math.inf if exact is None else distance(check.got, float(exact[check.index]))
                self.offs[self._seen_in(case_result, check.output, candidate)] = off

    def may_explain(self, case_result: CaseResult, output: str, changes: Changes) -> bool:
        """Return whether values account for a failure, or such accuracy as `changes` speak of.

        They explain it if they do not contradict it either. Most are refuted with no bound known.
        """
        accuracy = tuple(change for change in changes if change[0] in OF_ACCURACY)
        if accuracy and self._passes(case_result, output, accuracy):
            return True
        off = self.off(case_result, output, changes)
        nearer = off * NEARER <= self.off(case_result, output, ())
        return off == 0.0 or (nearer and math.isfinite(off))

    def outcome(self, case_result: CaseResult, output: str, changes: Changes) -> Outcome:
        """Return what `changes` make of an output that `case_result` has a check of."""
        found = self.again(case_result, output, changes)
        failed = output in case_result.failed
        if found is not None and found.check.verdict == "fail":
            return "contradicted"
        if not failed:
            return "agrees"
        if found is None or (_WIDER & dict(changes).keys() and _spreads(case_result, output)):
            return "silent"
        return "explained" if self.may_explain(case_result, output, changes) else "silent"

    def passes_alike(self, case_result: CaseResult, output: str, changes: Changes) -> bool:
        """Return whether `changes` cannot show in an output that did not fail."""
        _, _, candidate = self._key(case_result, output, changes)
        return candidate == self.dialect and output not in case_result.failed

    def _passes(self, case_result: CaseResult, output: str, changes: Changes) -> bool:
        found = self.again(case_result, output, changes)
        return found is not None and found.check.verdict != "fail"

    def _judge(
        self,
        case_result: CaseResult,
        output: str,
        candidate: Dialect,
        judged: Judge,
        memory: dict[Key, Again | None],
    ) -> None:
        """Judge `output`, and what is judged with it for nothing."""
        self.effort += JUDGING * effort_of(case_result)
        due = self._due(case_result, output, candidate)
        with_it = next(group for group in _TOGETHER if output in group)
        by_output = judged(case_result, with_it, due, candidate)
        declared = {check.output: check for check in case_result.checks}
        for name in {output, *by_output}:
            key = self._seen_in(case_result, name, candidate)
            check, memory[key] = by_output.get(name), None
            if check is not None:
                there = declared.get(name, check)
                self.offs[key] = distance(there.got, float(getattr(due.exact, name)[there.index]))
                memory[key] = Again(check=check, off=self.offs[key])

    def _due(self, case_result: CaseResult, output: str, candidate: Dialect) -> Due:
        """Return what is due under a candidate; the latest is remembered."""
        of_gradient = output.startswith("grad_")
        question = id(case_result), of_gradient, candidate
        if self.latest is None or self.latest[0] != question:
            case, inputs = case_result.case, case_result.inputs
            if not of_gradient:
                case, inputs = replace(case, gradient=False), replace(inputs, grad_output=None)
            self.latest = question, self.dues(case, inputs, candidate)
        return self.latest[1]


def _spreads(case_result: CaseResult, output: str) -> bool:
    """Return whether a failure is NaN for numbers that were given as such.

    Whatever takes statistics over more of the data has NaN there too, so it speaks for none.
    """
    recipe = case_result.case.recipe
    given = {recipe.values, recipe.special} & {"nan", "infinite"}
    return bool(given) and any(c.output == output and np.isnan(c.got) for c in case_result.checks)


def effort_of(case_result: CaseResult) -> float:
    """Return what it takes to ask the oracle, in units of what it takes for a few values."""
    return 1.0 + case_result.inputs.x.size / VALUES_OF_A_UNIT
