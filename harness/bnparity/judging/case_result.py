"""One case put to one backend: inputs, the calls before, the call, oracle, judge."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from bnparity_reference import Dialect
from numpy.typing import NDArray

from bnparity.backends import Ask, Fault, Reply, Settings, asked_for
from bnparity.cases import MANY_CALLS, Case, Inputs, make_inputs
from bnparity.judging.due import Due, Dues, due_of
from bnparity.judging.equal_calls import after_others, other_contents, steady
from bnparity.judging.order import order_shows
from bnparity.judging.verdicts import Check, judge


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """What a backend made of a case: its outputs and a check of each, or a fault.

    ``inputs`` are those of the judged call, ``before`` those of the calls of the history; ``asked``
    names the outputs that it asked for; ``borrowed`` names the module of ours that was seen doing
    the backend's work, if one was; ``printed`` is the end of what the judged call wrote.
    ``besides`` has the names of what it returned that is no output, if it left one out.
    ``updating`` says whether it was judged as one that may update its mean, ``again`` what had come
    instead of an answer when it was asked before.
    """

    case: Case
    inputs: Inputs
    outputs: Mapping[str, NDArray[Any]]
    checks: tuple[Check, ...]
    fault: Fault | None
    asked: tuple[str, ...]
    borrowed: str = ""
    besides: tuple[str, ...] = ()
    before: tuple[tuple[Inputs, Settings], ...] = ()
    printed: str = ""
    updating: bool = True
    again: str = ""

    @property
    def failed(self) -> tuple[str, ...]:
        """The outputs beyond every bound."""
        return tuple(check.output for check in self.checks if check.verdict == "fail")


def run_case(
    ask: Ask, case: Case, dialect: Dialect, *, traced: bool = False, dues: Dues = due_of
) -> CaseResult:
    """Put `case` to a backend and judge what it returns by `dialect`, by what `dues` says is due.

    If the call is `traced`, whose code it runs is looked at, which takes time.
    """
    inputs, before, state = _after_history(ask, case, make_inputs(case))
    settings = replace(settings_of(case), state=state)
    if case.reused:
        others = other_contents(case, inputs)
        ask, before = after_others(ask, others), (*before, (others, settings))

    @cache
    def due() -> Due:
        return dues(case, inputs, dialect)

    # What is due is worked out while the backend is at work, if that is in a process of its own.
    reply = ask(vars(inputs), replace(settings, traced=traced), lambda: due().tight)
    printed = reply.printed
    if reply.fault is not None and reply.fault.kind == "error":
        reply = _excused(case, dialect, reply.fault)
    checks, updating = _judged(ask, case, reply, due(), dialect)
    if reply.fault is None:
        doubtful = any(check.verdict == "fail" for check in checks)
        again = partial(ask, vars(inputs), settings)
        reply = steady(reply, again, case.calls, doubtful=doubtful)
    if reply.fault is not None and reply.fault.kind == "nondeterminism":
        case = replace(case, calls=max(case.calls, MANY_CALLS))  # fewer may not show it again
    return CaseResult(
        case=case,
        inputs=inputs,
        outputs=reply.outputs,
        checks=checks if reply.fault is None else (),
        updating=updating,
        fault=reply.fault,
        asked=asked_for(vars(inputs)),
        borrowed=reply.borrowed,
        besides=reply.besides,
        before=before,
        printed=printed,
    )


def _judged(
    ask: Ask, case: Case, reply: Reply, due: Due, dialect: Dialect
) -> tuple[tuple[Check, ...], bool]:
    """Return the checks of a reply, and whether it is judged as that of one that updates its mean.

    It is, unless there is nothing else to excuse it, and other calls show that it does not.
    """
    about: dict[str, Any] = {
        "dialect": dialect,
        "dtype": case.dtype,
        "limits": due.tight,
        "any_order": due.any_order,
    }
    checks = judge(reply.outputs, due.exact, **about)
    whole = case.recipe.values == "exact" and case.mask == "none"
    has_orders = whole and case.training and case.tracked
    if not has_orders or all(check.verdict != "loose" for check in checks):
        return checks, True
    without = judge(reply.outputs, due.exact, **about, updating=False)
    if {check.verdict for check in without} == {check.verdict for check in checks}:
        return checks, True

    def put(other: Case) -> Reply:
        return ask(vars(make_inputs(other)), settings_of(other))

    return (checks, True) if order_shows(put, case, dialect) else (without, False)


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
        call_inputs = replace(inputs, x=data.x, grad_output=data.grad_output, mask=data.mask)
        before.append((call_inputs, settings_of(asked)))
        reply = ask(vars(call_inputs), replace(settings_of(asked), state=state))
        state = reply.state
        moved = {name: a for name, a in reply.outputs.items() if name.startswith("running_")}
        inputs = replace(inputs, **moved)
    return inputs, tuple(before), state


def _excused(case: Case, dialect: Dialect, fault: Fault) -> Reply:
    """Return the exception as unsupported where the dialect refuses the statistics of one value."""
    of_batch = case.training or not case.tracked
    single = case.values_per_channel == 1 or case.mask == "one"
    if of_batch and single and dialect.single_value == "refused":
        text = f"raised {fault.text.partition(':')[0]} for statistics of one value per channel"
        fault = replace(fault, kind="unsupported", text=text)
    return Reply(outputs={}, fault=fault)


def settings_of(case: Case) -> Settings:
    """Return the arguments of a call that are not arrays."""
    return Settings(
        training=case.training, momentum=case.momentum, eps=case.eps, threads=case.threads
    )


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
