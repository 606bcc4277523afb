"""One case put to one backend: inputs, the calls before, the call, oracle, judge."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from bnparity_reference import Dialect, Exact, batch_norm
from numpy.typing import NDArray

from bnparity.backends import OUTPUT_LIKE, Ask, Fault, Reply, Settings, asked_for
from bnparity.cases import Case, Inputs, make_inputs
from bnparity.judging.verdicts import Check, apart, judge


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """What a backend made of a case: its outputs and a check of each, or a fault.

    ``inputs`` are those of the judged call, ``before`` those of the calls of the history; ``asked``
    names the outputs that it asked for; ``borrowed`` names the module of ours that was seen doing
    the backend's work, if one was; ``printed`` is the end of what the judged call wrote.
    """

    case: Case
    inputs: Inputs
    outputs: Mapping[str, NDArray[Any]]
    checks: tuple[Check, ...]
    fault: Fault | None
    asked: tuple[str, ...]
    borrowed: str = ""
    before: tuple[tuple[Inputs, Settings], ...] = ()
    printed: str = ""

    @property
    def failed(self) -> tuple[str, ...]:
        """The outputs beyond every bound."""
        return tuple(check.output for check in self.checks if check.verdict == "fail")


def run_case(ask: Ask, case: Case, dialect: Dialect, *, traced: bool = False) -> CaseResult:
    """Put `case` to a backend and judge what it returns by `dialect`.

    If the call is `traced`, whose code it runs is looked at, which takes time.
    """
    inputs, before, state = _after_history(ask, case, make_inputs(case))
    settings = replace(settings_of(case), state=state)

    @cache
    def exact() -> Exact:
        return expected(case, inputs, dialect)

    # The oracle works while the backend does, if that is in a process of its own.
    reply = ask(vars(inputs), replace(settings, traced=traced), exact)
    printed = reply.printed
    if reply.fault is not None and reply.fault.kind == "error":
        reply = _excused(ask, case, inputs, dialect, reply.fault)
    if case.repeated and reply.fault is None:
        reply = _confirmed(reply, ask(vars(inputs), settings))
    return CaseResult(
        case=case,
        inputs=inputs,
        outputs=reply.outputs,
        checks=judge(reply.outputs, exact(), dialect=dialect, dtype=case.dtype),
        fault=reply.fault,
        asked=asked_for(vars(inputs)),
        borrowed=reply.borrowed,
        before=before,
        printed=printed,
    )


def _after_history(
    ask: Ask, case: Case, inputs: Inputs
) -> tuple[Inputs, tuple[tuple[Inputs, Settings], ...], int]:
    """Return `inputs` with the statistics that the calls of the history leave, and those calls.

    The number of the backend's own state after them comes third, 0 if it has none.

    What goes wrong in one of them is not told here, and the statistics before it are kept: every
    step ends a shorter history, and is judged where that one is drawn.
    """
    before, state = [], 0
    for place, step in enumerate(case.history, start=1):
        shape = (step.batch, *case.shape[1:])
        # The seeds that are drawn end below 2 ** 16: no other case has these data.
        recipe = replace(case.recipe, seed=case.recipe.seed + (place << 16))
        asked = replace(case, shape=shape, training=step.training, recipe=recipe)
        data = make_inputs(asked)
        call_inputs = replace(inputs, x=data.x, grad_output=data.grad_output)
        before.append((call_inputs, settings_of(asked)))
        reply = ask(vars(call_inputs), replace(settings_of(asked), state=state))
        state = reply.state
        moved = {name: a for name, a in reply.outputs.items() if name.startswith("running_")}
        inputs = replace(inputs, **moved)
    return inputs, tuple(before), state


def _confirmed(first: Reply, second: Reply) -> Reply:
    """Return the reply to a call that was made twice: a fault if its outputs are not the same."""
    if second.fault is not None:
        return second
    for name in OUTPUT_LIKE:
        one, other = first.outputs.get(name), second.outputs.get(name)
        if not same_bits(one, other):
            text = f"{name} is not the same in two calls with equal inputs{_values(one, other)}"
            return Reply(outputs={}, fault=Fault(kind="nondeterminism", text=text))
    return first


def _values(one: NDArray[Any] | None, other: NDArray[Any] | None) -> str:
    """Return the first element in which two outputs differ, in words; nothing of one alone."""
    if one is None or other is None:
        return ""
    alike = (one == other) | (np.isnan(one) & np.isnan(other))
    alike &= np.signbit(one) == np.signbit(other)
    index = np.unravel_index(int(alike.argmin()), alike.shape)
    before, after = apart(float(one[index]), float(other[index]))
    return f": element [{', '.join(map(str, index))}] is {before}, then {after}"


def same_bits(a: NDArray[Any] | None, b: NDArray[Any] | None) -> bool:
    """Return whether two outputs agree to the bit; one NaN is as good as another."""
    if a is None or b is None:
        return a is b
    nan, zero = np.isnan(a) & np.isnan(b), a.dtype.type(0)
    return np.where(nan, zero, a).tobytes() == np.where(nan, zero, b).tobytes()


def _excused(ask: Ask, case: Case, inputs: Inputs, dialect: Dialect, fault: Fault) -> Reply:
    """Return the exception as unsupported where it is no fault.

    The dialect may refuse the statistics of one value, and who does may refuse those of none. And a
    plain function is not told how many batches came before: with momentum=None it may well refuse,
    if it answers otherwise.
    """
    excuse, remedy = None, ""
    if dialect.single_value == "refused" and case.values_per_channel <= 1:
        if case.training or not case.tracked:
            excuse = "statistics of one value per channel, or none"
    elif case.momentum is None:
        again = ask(vars(inputs), replace(settings_of(case), momentum=1.0))
        raised = again.fault is not None and again.fault.kind == "error"
        excuse = None if raised else "momentum=None"
        remedy = "; raise NotImplementedError to decline"
    if excuse is not None:
        text = f"raised {fault.text.partition(':')[0]} for {excuse}{remedy}"
        fault = replace(fault, kind="unsupported", text=text)
    return Reply(outputs={}, fault=fault)


def settings_of(case: Case) -> Settings:
    """Return the arguments of a call that are not arrays."""
    return Settings(
        training=case.training, momentum=case.momentum, eps=case.eps, threads=case.threads
    )


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
    """Return the arrays that there are in float64, as the oracle takes them."""
    return {name: a.astype(np.float64) for name, a in arrays.items() if a is not None}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A symptom, and the smallest case found that shows it."""

    symptom: str
    case_result: CaseResult


def symptoms(case_result: CaseResult) -> tuple[str, ...]:
    """Return what is wrong with a case result: the outputs that failed, or the fault."""
    fault = case_result.fault
    if fault is None:
        return case_result.failed
    if fault.kind == "unsupported":
        return ()
    # One fault whatever the numbers in its message: shapes differ from case to case.
    text = fault.text.partition(":")[0] if fault.kind == "nondeterminism" else fault.text
    text = re.sub(r"0x[0-9a-f]+|[0-9]+(, [0-9]+)*,?", "#", text)
    return (f"{fault.kind}: {text}",)
