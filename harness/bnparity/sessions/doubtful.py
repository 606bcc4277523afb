"""Faults that a machine can cause as well as a backend: asked again before anybody is accused.

A call may get no answer because the machine is busy, and a process may be killed by somebody, or
because memory is short. So the case is put once more, to a new process that may take longer, and
only what comes again is the backend's.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from bnparity.backends import LONGER, Arrays, Ask, Fault, Reply, Settings
from bnparity.judging import CaseResult

#: What other processes, terminals and systems send.
_FROM_OUTSIDE = re.compile(r"the process was killed by SIG(KILL|TERM|HUP|INT|QUIT|XCPU):")


def is_doubtful(fault: Fault | None) -> bool:
    """Return whether a fault need not be the backend's."""
    if fault is None or fault.final:
        return False
    of_crash = fault.kind == "crash" and _FROM_OUTSIDE.match(fault.text)
    return fault.kind == "hang" or bool(of_crash)


def patient(ask: Ask) -> Ask:
    """Return what asks so that each call may take longer, not counting waits for a processor."""

    def ask_patiently(
        arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = lambda: None
    ) -> Reply:
        return ask(arrays, replace(settings, patient=True), meanwhile)

    return ask_patiently


def settled(first: CaseResult, again: Callable[[], CaseResult], *, late: bool) -> CaseResult:
    """Return what is known of a case whose `first` result is doubtful, asked `again`.

    If it is too `late` for that, nothing is.
    """
    assert first.fault is not None
    if late:
        text = f"{first.fault.text}; there was no time left to ask again"
        return replace(first, fault=replace(first.fault, kind="unsupported", text=text))
    second = again()
    if second.fault is None or second.fault.kind != first.fault.kind:
        return replace(second, again=first.fault.text)
    if second.fault.kind == "hang":
        text = f"{first.fault.text}, nor in {LONGER} times as long when asked again"
        return replace(second, fault=replace(second.fault, text=text))
    return second
