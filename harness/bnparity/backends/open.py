"""A backend opened for questions: in a worker, or in this process."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from bnparity.backends.load import capabilities, driver_of, load_target, prepare, probe
from bnparity.backends.names import Name, listed
from bnparity.call import OUTPUT_LIKE
from bnparity.dialects import declaration
from bnparity.drivers.acts import Bench
from bnparity.drivers.layer import Perform
from bnparity.envs import interpreter_of
from bnparity.examine import Ask
from bnparity.examine import in_process as in_process_ask
from bnparity.formats import format_of
from bnparity.grade import Grade
from bnparity.worker.client import Limits, Worker

#: What a backend may take unless the user says otherwise.
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a backend says of itself: the optional attributes of a plain function."""

    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32",)
    ranks: tuple[int, ...] = (2, 3, 4, 5)
    outputs: tuple[str, ...] = tuple(OUTPUT_LIKE)
    degenerate: bool = False
    accumulation: Grade | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A backend that can be asked, or the reason why it cannot.

    ``perform`` drives the layers behind it, None where it has none: a plain function. ``prepare``
    gets it ready for a format of data, if there is anything to do.
    """

    ask: Ask | None
    perform: Perform | None
    prepare: Callable[[str], object]
    capabilities: Capabilities
    version: str
    device: str
    reason: str


@contextmanager
def opened(
    name: Name, *, limits: Limits = DEFAULT_LIMITS, in_process: bool = False
) -> Iterator[Opened]:
    """Open the backend `name`; `limits` hold if it is not in this process.

    Raises
    ------
    Mistake
        If the name's target is not a backend.
    """
    if in_process:
        yield _opened_here(name)
        return
    interpreter = interpreter_of(name.base)
    worker = Worker(
        target=name.target, variant=name.variant, interpreter=interpreter, limits=limits
    )
    try:
        yield _opened(worker.start(), worker.ask, worker.perform, worker.prepare)
    finally:
        worker.stop()


def loadable(name: Name) -> None:
    """Check that a name that is anybody's own leads to a backend; a `Mistake` if it does not.

    A session asks before it begins, so that a typo does not show after minutes of work.
    """
    if name.base not in listed():
        with opened(name) as backend:
            declaration(backend.capabilities.dialect)
            for dtype in backend.capabilities.dtypes:
                format_of(dtype)


def _opened_here(name: Name) -> Opened:
    backend = load_target(name.target, name.variant)
    return _opened(
        {"capabilities": capabilities(backend), **probe(backend)},
        in_process_ask(backend),
        Bench(driver=driver_of(backend)).perform,
        partial(prepare, backend),
    )


def _opened(
    facts: dict[str, Any], ask: Ask, perform: Perform, prepare: Callable[[str], object]
) -> Opened:
    said = facts.get("capabilities", {})
    return Opened(
        ask=None if "reason" in facts else ask,
        perform=perform if "reason" not in facts and said["driven"] else None,
        prepare=prepare,
        capabilities=capabilities_in(said),
        version=facts.get("version", ""),
        device=facts.get("device", ""),
        reason=facts.get("reason", ""),
    )


def capabilities_in(said: Mapping[str, Any]) -> Capabilities:
    """Return the capabilities in plain JSON; defaults where it says nothing."""
    return Capabilities(
        **{f.name: _plain(said[f.name]) for f in fields(Capabilities) if f.name in said}
    )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
