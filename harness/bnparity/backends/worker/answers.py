"""What a worker says, taken for an answer only if it is one: a backend may speak in its place."""

from math import inf
from types import SimpleNamespace
from typing import Any, get_args

from bnparity.backends.call import Arrays, Fault, Kind, Reply, checked
from bnparity.backends.load import capabilities
from bnparity.backends.returned import LONGEST_NAME, MOST_NAMES
from bnparity.backends.worker.wire import Message

#: Outputs of so many bytes stay in the shared memory; smaller ones are copied out of it.
_LARGE = 1 << 20
#: Characters of a traceback; a worker sends fewer.
_MOST_OF_TRACEBACK = 4000


def opening_in(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what a worker says first, its capabilities read as a function's attributes are.

    If it is nothing that the protocol has, raise TypeError or ValueError.
    """
    plain = fields.keys() - {"capabilities", "sources"}
    facts: dict[str, Any] = {name: one_line(_text(fields[name])) for name in plain}
    if "usage_error" in facts:
        return facts
    said = fields.get("capabilities")
    if not isinstance(said, dict) or type(said.get("has_layers")) is not bool:
        raise TypeError("capabilities that no worker has")
    told = {"has_layers": said["has_layers"], "prepares": said.get("prepares") is True}
    facts["sources"] = sources_in(fields)
    return {**facts, "capabilities": capabilities(SimpleNamespace(**said)) | told}


def sources_in(fields: dict[str, Any]) -> dict[str, str]:
    """Return the digests in an answer, by file, of what has been run for a backend so far.

    If they are none, raise AttributeError or TypeError.
    """
    said = fields.get("sources", {})
    return {one_line(_text(file)): _text(digest) for file, digest in said.items()}


def compiling_in(fields: dict[str, Any]) -> float:
    """Return how many seconds compilers have taken in the process so far.

    If it is no number, raise TypeError.
    """
    said = fields["compiling"]
    if type(said) is not float or not 0 <= said < inf:
        raise TypeError("a time that is none")
    return said


def reply_in(answer: Message, arrays: Arrays) -> Reply:
    """Return the reply in an answer; if it is none, raise KeyError, TypeError or ValueError."""
    fields, outputs = answer
    if fields["fault"] is not None:
        return Reply(outputs={}, fault=_fault(**fields["fault"]))
    passed = checked(outputs, arrays).outputs
    if passed.keys() != outputs.keys():
        raise ValueError("an output that the worker would not have let pass")
    own = {name: a if a.nbytes >= _LARGE else a.copy() for name, a in passed.items()}
    if type(fields["state"]) is not int:
        raise TypeError("a state that goes by no number")
    besides = tuple(one_line(_text(name))[:LONGEST_NAME] for name in fields["besides"][:MOST_NAMES])
    borrowed = _text(fields["borrowed"])
    return Reply(outputs=own, borrowed=borrowed, state=fields["state"], besides=besides)


def _fault(*, kind: Any, text: Any, final: Any, traceback: Any) -> Fault:
    if kind not in get_args(Kind) or final is not False:
        raise ValueError("a fault that is none of a call's")
    frames = printable(_text(traceback)[-_MOST_OF_TRACEBACK:])
    return Fault(kind=kind, text=one_line(_text(text)), traceback=frames)


def one_line(text: str) -> str:
    """Return a text in one line, without what is not printed."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """Return lines without what is not printed: a backend may have written anything."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("something else where the worker would have sent a text")
    return value
