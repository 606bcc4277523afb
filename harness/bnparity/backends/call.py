"""One call of a backend, next to the backend: what it returned, or what went wrong.

This runs in the backend's own process and interpreter, so it needs NumPy (1 or 2) and nothing else.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import wraps
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity.backends.optional import why_not_asked
from bnparity.backends.raised import describe, frames_of_exception
from bnparity.backends.returned import kind_of, names_besides
from bnparity.backends.states import States
from bnparity.backends.strides import taken_by, without_negative
from bnparity.backends.threads import using_threads
from bnparity.backends.trace import tracing

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = Mapping[str, Array | None]
Outputs: TypeAlias = dict[str, Array | None]
Kind: TypeAlias = Literal[
    "unsupported", "error", "mutation", "contract", "nondeterminism", "crash", "hang"
]

#: The array arguments of a backend, in the order in which it takes them.
ARGUMENTS = ("x", "weight", "bias", "running_mean", "running_var", "grad_output")
#: The gradients of a loss by the new running statistics.
BY_STATISTICS = ("grad_running_mean", "grad_running_var")
#: Those besides that a backend is given if it says that it takes them, and if there are any.
OPTIONAL = ("mask", *BY_STATISTICS)

#: Each output, and the argument whose shape and dtype it has.
OUTPUT_LIKE = {
    "output": "x",
    "running_mean": "running_mean",
    "running_var": "running_var",
    "grad_input": "grad_output",
    "grad_weight": "weight",
    "grad_bias": "bias",
}


@dataclass(frozen=True)
class Call:
    """The arguments of one call, in the order in which the contract has them.

    ``x`` is ``(N, C, *spatial)``, and ``grad_output`` like it, or None where no gradient is asked
    for; the other arrays are ``(C,)`` or None. The rest is as the backend's dialect means it, but
    for the ``state``, which is what the backend returned before in this history, and the ``mask``,
    ``(N, 1, *spatial)`` or like ``x``: True where a value takes part in the batch's statistics.
    ``grad_running_mean`` and ``grad_running_var``, ``(C,)``, are the gradients of a loss by the new
    running statistics, where it depends on them.
    """

    x: Array
    weight: Array | None
    bias: Array | None
    running_mean: Array | None
    running_var: Array | None
    _: KW_ONLY
    training: bool
    momentum: float | None
    eps: float
    grad_output: Array | None = None
    state: Any = None
    mask: Array | None = None
    grad_running_mean: Array | None = None
    grad_running_var: Array | None = None


def takes_call(method: Callable[[Any, Call], Outputs]) -> Callable[..., Outputs]:
    """Give a method that takes a `Call` the nine arguments of the contract instead.

    Examples
    --------
    >>> class Untouched:
    ...     @takes_call
    ...     def __call__(self, call):
    ...         return {"output": call.x}
    >>> Untouched()(np.ones(1), None, None, None, None, training=False, momentum=0.1, eps=1e-5)
    {'output': array([1.])}
    """

    @wraps(method)
    def of_nine_arguments(self: Any, *arrays: Any, **settings: Any) -> Outputs:
        return method(self, Call(*arrays, **settings))

    return of_nine_arguments


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The arguments of a call that are not arrays, and how to make it.

    ``threads`` is the number to tell the backend first; ``traced`` asks whose code the call runs;
    ``state`` is the number of the state that an earlier call returned, 0 for none. A ``patient``
    call may take longer, and as long as it waits for a processor.
    """

    training: bool
    momentum: float | None
    eps: float
    threads: int | None = None
    traced: bool = False
    state: int = 0
    patient: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What went wrong instead of an answer; after a ``final`` one none will come.

    ``traceback`` has a line for each frame of an exception, as `frames_of_exception` tells them.
    """

    kind: Kind
    text: str
    final: bool = False
    traceback: str = ""

    @property
    def place(self) -> str:
        """Where an exception came from: the last frame in the user's code, if one is known."""
        return self.traceback.rpartition("\n")[2]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The outputs that were asked for and provided, or the fault; never both.

    ``borrowed`` names a module of bnparity's that a traced call was seen to run; ``printed`` is the
    end of what the call wrote to stdout and stderr, where that was caught; ``state`` is the number
    of the state that it returned, 0 if it returned none. Where an output is not provided,
    ``besides`` has the names of what was returned that is none.
    """

    outputs: Mapping[str, Array]
    fault: Fault | None = None
    borrowed: str = ""
    printed: str = ""
    state: int = 0
    besides: tuple[str, ...] = ()


def call(
    backend: Callable[..., Any], arrays: Arrays, settings: Settings, states: States | None = None
) -> Reply:
    """Call `backend` once and return its reply; nothing that it raises gets out.

    One that raises for negative strides, and for nothing else of the call, does not support them.
    Without `states` the call is one of no history.
    """
    states = states or States()
    if reason := why_not_asked(backend, arrays):
        return _fault("unsupported", reason)
    arrays = taken_by(backend, arrays)
    reply = _guarded(backend, arrays, settings, states)
    plainer = without_negative(arrays)
    if reply.fault is None or reply.fault.kind != "error" or plainer is None:
        return reply
    if _guarded(backend, plainer, settings, states).fault is not None:
        return reply
    raised = reply.fault.text.partition(":")[0]
    text = f"raised {raised} for negative strides alone: the backend takes none"
    return _fault("unsupported", text)


def _guarded(
    backend: Callable[..., Any], arrays: Arrays, settings: Settings, states: States
) -> Reply:
    """Call `backend` with arguments that are read-only, unless it says that it takes no such.

    One that complains of that is called again with arrays that can be written to: it may do so.
    """
    if not getattr(backend, "read_only", True):
        return _called(backend, arrays, settings, states)
    locked = {name: read_only(a) for name, a in arrays.items()}
    reply = _called(backend, locked, settings, states)
    fault = reply.fault
    if fault is None or fault.kind != "error" or not _COMPLAINT.search(fault.text):
        return reply
    again = _called(backend, arrays, settings, states).fault
    if again is not None:
        return replace(reply, fault=again)
    return replace(reply, fault=replace(fault, text=fault.text + _REMEDY))


#: How code says that it would write to its arguments, or wants arrays that it could write to.
_COMPLAINT = re.compile(r"read[-_ ]?only|writ(e)?able", re.IGNORECASE)
_REMEDY = "; a function that takes no read-only arrays says so: batch_norm.read_only = False"


def read_only(array: Array | None) -> Array | None:
    """Return a view of `array` that cannot be written to."""
    if array is None:
        return None
    view = array.view()
    view.flags.writeable = False
    return view


def _called(
    backend: Callable[..., Any], arrays: Arrays, settings: Settings, states: States
) -> Reply:
    """Call `backend` with these very arrays."""
    before = [(name, a, a.tobytes()) for name, a in arrays.items() if a is not None]
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            np.errstate(all="ignore"),
            using_threads(backend, settings.threads),
            tracing(backend, asked=settings.traced) as lenders,
        ):
            returned = backend(
                *(arrays[name] for name in ARGUMENTS[:-1]),
                training=settings.training,
                momentum=settings.momentum,
                eps=settings.eps,
                grad_output=arrays["grad_output"],
                **{n: arrays[n] for n in OPTIONAL if arrays.get(n) is not None},
                **states.given(backend, settings.state),
            )
    except NotImplementedError as error:
        return _fault("unsupported", describe(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is the answer
        fault = Fault(kind="error", text=describe(error), traceback=frames_of_exception())
        return Reply(outputs={}, fault=fault)
    for name, array, original in before:
        if array.tobytes() != original:
            return _fault("mutation", f"the call wrote to its input {name}")
    reply = replace(checked(returned, arrays), borrowed=min(lenders, default=""))
    return reply if reply.fault else replace(reply, state=states.keep(returned))


def checked(returned: object, arrays: Arrays) -> Reply:
    """Return the outputs that were asked for, if they are what the contract says they are."""
    if not isinstance(returned, Mapping):
        text = f"returned {kind_of(returned)} instead of a mapping of arrays"
        return _fault("contract", f'{text}: return {{"output": y, ...}}')
    outputs = {}
    for name in asked_for(arrays):
        try:
            value, like = returned.get(name), arrays[OUTPUT_LIKE[name]]
        except Exception as error:  # noqa: BLE001  # a mapping may do anything
            return _fault("contract", f"its mapping raised {describe(error)}")
        if value is None or like is None:
            continue
        if type(value) is not np.ndarray or (value.shape, value.dtype) != (like.shape, like.dtype):
            text = f"{name} is {kind_of(value)}, expected {kind_of(like)}"
            if kind_of(value) == kind_of(like):  # the same format, in another order of bytes
                text = text.replace(like.dtype.name, like.dtype.str)
                text = text.replace(like.dtype.str, value.dtype.str, 1)
            return _fault("contract", f"{text} like {OUTPUT_LIKE[name]}")
        outputs[name] = value
    whole = len(outputs) == len(asked_for(arrays))
    besides = () if whole else names_besides(returned, {*OUTPUT_LIKE, "state"})
    return Reply(outputs=outputs, besides=besides)


def asked_for(arrays: Arrays) -> tuple[str, ...]:
    """Return the outputs that a call with these arguments asks for."""
    with_gradient = arrays["grad_output"] is not None
    return tuple(
        name
        for name, argument in OUTPUT_LIKE.items()
        if arrays[argument] is not None and (with_gradient or not name.startswith("grad_"))
    )


def _fault(kind: Kind, text: str) -> Reply:
    return Reply(outputs={}, fault=Fault(kind=kind, text=text))


class Ask(Protocol):
    """Anything that answers a call: a worker's `ask`, or a backend in this process."""

    def __call__(
        self, arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = ..., /
    ) -> Reply:
        """Return the reply; where the call is made elsewhere, do `meanwhile` before it is there."""


def in_process(backend: Callable[..., Any]) -> Ask:
    """Return an `Ask` that calls `backend` in this process."""
    states = States()

    def ask(arrays: Arrays, settings: Settings, _: Callable[[], object] = lambda: None) -> Reply:
        reply = call(backend, arrays, settings, states)
        # Copied, as by a worker: a backend may use its buffers again.
        return replace(reply, outputs={k: v.copy() for k, v in reply.outputs.items()})

    return ask
