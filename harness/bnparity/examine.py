"""One case put to one backend: inputs, call, oracle, judge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from bnparity_reference import Dialect, Exact, batch_norm
from numpy.typing import NDArray

from bnparity.call import Fault, Reply, Settings, asked_for, call
from bnparity.case import Case
from bnparity.inputs import Inputs, make_inputs
from bnparity.judge import Check, judge

#: Anything that answers a call: a worker's `ask`, or a backend in this process.
Ask: TypeAlias = Callable[[Mapping[str, NDArray[Any] | None], Settings], Reply]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What a backend made of a case: its outputs and a check of each, or a fault.

    ``asked`` names the outputs that the case asked for.
    """

    case: Case
    inputs: Inputs
    outputs: Mapping[str, NDArray[Any]]
    checks: tuple[Check, ...]
    fault: Fault | None
    asked: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The outputs beyond every bound."""
        return tuple(check.output for check in self.checks if check.verdict == "fail")


def in_process(backend: Callable[..., Any]) -> Ask:
    """Return an `Ask` that calls `backend` in this process."""
    return lambda arrays, settings: call(backend, arrays, settings)


def examine(ask: Ask, case: Case, dialect: Dialect) -> Examination:
    """Put `case` to a backend and judge what it returns by `dialect`."""
    inputs = make_inputs(case)
    reply = _without_none(ask, case, vars(inputs), ask(vars(inputs), settings_of(case)))
    exact = expected(case, inputs, dialect)
    return Examination(
        case=case,
        inputs=inputs,
        outputs=reply.outputs,
        checks=judge(reply.outputs, exact, dialect=dialect, dtype=case.dtype),
        fault=reply.fault,
        asked=asked_for(vars(inputs)),
    )


def _without_none(
    ask: Ask, case: Case, arrays: Mapping[str, NDArray[Any] | None], reply: Reply
) -> Reply:
    """Return `reply`, as unsupported where momentum=None alone makes the backend raise.

    A plain function is not told how many batches came before, so it may well refuse.
    """
    if case.momentum is not None or reply.fault is None or reply.fault.kind != "error":
        return reply
    if ask(arrays, replace(settings_of(case), momentum=1.0)).fault is not None:
        return reply
    text = f"momentum=None: {reply.fault.text}"
    return Reply(outputs={}, fault=Fault(kind="unsupported", text=text))


def settings_of(case: Case) -> Settings:
    """Return the arguments of a call that are not arrays."""
    return Settings(training=case.training, momentum=case.momentum, eps=case.eps)


def expected(case: Case, inputs: Inputs, dialect: Dialect) -> Exact:
    """Return the oracle's answer to `case` under `dialect`."""
    wide = {name: None if a is None else a.astype(np.float64) for name, a in vars(inputs).items()}
    return batch_norm(
        **wide, dialect=dialect, training=case.training, momentum=case.momentum, eps=case.eps
    )
