"""A backend opened for questions: in a worker, or in this process."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from bnparity.backends.adapters import AFFINES, adapted, told
from bnparity.backends.call import OUTPUT_LIKE, Ask
from bnparity.backends.call import in_process as in_process_ask
from bnparity.backends.environments import why_not
from bnparity.backends.layer_api import LayerServer
from bnparity.backends.load import (
    Backend,
    Promised,
    capabilities,
    layer_api_of,
    load_target,
    missing_here,
    prepare,
    probe,
    software,
)
from bnparity.backends.names import Name
from bnparity.backends.remote_layer import Remote
from bnparity.backends.sources import sources_of
from bnparity.backends.worker.client import Worker
from bnparity.backends.worker.limits import Limits

#: What a backend may take unless the user says otherwise.
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a backend says of itself: the optional attributes of a plain function.

    Of what an adapter made a backend of, ``taken_for`` says what it was taken for, ``affines`` and
    ``tracked`` what it can have, ``fixed`` the settings that it cannot be told, and ``channels``
    the only number of them, 0 for any; ``under_way`` says that statistics which are given have lost
    their initial value already, and are blended from there on. ``formats`` are those of data,
    parameters and statistics, as ``float16/float32/float32``, where data come with no others.
    ``compiles`` says for what it compiles anew: ``"shape"``, or nothing. ``takes_mask`` says which
    masks it takes: ``"positions"``, ``"elements"``, or nothing; ``statistics_gradients`` that it
    takes gradients by running statistics. ``resources`` are those that a machine needs beside a
    core, as ``GPU=1``, where a cluster has to find one.
    """

    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32",)
    ranks: tuple[int, ...] = (2, 3, 4, 5)
    outputs: tuple[str, ...] = tuple(OUTPUT_LIKE)
    degenerate: bool = False
    momentum_none: bool = False
    accumulation: Promised | None = None
    taken_for: str = ""
    affines: tuple[str, ...] = AFFINES
    tracked: tuple[bool, ...] = (True, False)
    fixed: tuple[str, ...] = ()
    channels: int = 0
    under_way: bool = False
    formats: tuple[str, ...] = ()
    compiles: str = ""
    takes_mask: str = ""
    statistics_gradients: bool = False
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A backend that can be asked, or the reason why it cannot.

    ``remote`` drives the layers behind it, None where it has none: a plain function. ``prepare``
    gets it ready for a format of data, if there is anything to do. ``variants`` are the other ways
    to run it, by what stands in brackets behind its name. ``software`` names the Python and the
    NumPy that it runs with, and ``sources`` returns a digest of each file of its own that was run.
    ``compile_seconds`` returns how long its compilers have taken so far, 0 if they do not say.
    ``end_by`` says when no call may last any longer, on the clock of `time.monotonic`; one in this
    process does.
    """

    ask: Ask | None
    remote: Remote | None
    prepare: Callable[[str], object]
    capabilities: Capabilities
    version: str
    device: str
    reason: str
    variants: tuple[str, ...] = ()
    software: str = ""
    sources: Callable[[], Mapping[str, str]] = dict
    compile_seconds: Callable[[], float] = float
    end_by: Callable[[float], object] = float


@contextmanager
def opened(
    name: Name, *, limits: Limits = DEFAULT_LIMITS, in_process: bool = False
) -> Iterator[Opened]:
    """Open the backend `name`; `limits` hold if it is not in this process.

    Raises
    ------
    UsageError
        If the name's target is not a backend.
    """
    if in_process:
        sources = sources_of(name.target).found.copy
        yield replace(_opened_here(load_target(name.target, name.variant)), sources=sources)
        return
    if reason := why_not(name.base, name.python):
        yield _closed(reason)
        return
    if name.interpreter == sys.executable and (missing := missing_here(name.target)):
        yield replace(_closed(missing.reason), variants=tuple(missing.variants))
        return
    worker = Worker(
        target=name.target,
        variant=name.variant,
        interpreter=name.interpreter,
        limits=limits,
    )
    try:
        found = _opened(worker.start(), worker.ask, worker.remote, worker.prepare)
        compiled = partial(getattr, worker, "compile_seconds")
        sources = worker.sources.copy
        yield replace(found, sources=sources, compile_seconds=compiled, end_by=worker.end_by)
    finally:
        worker.stop()


def opened_here(backend: Backend) -> Opened:
    """Return a backend that is called in this process, adapted if it is a layer.

    A `UsageError` if it can be called in no way that is known, or says of itself what cannot be.
    """
    backend = adapted(backend, str(getattr(backend, "__name__", backend)), told(""), {})
    return _opened_here(backend)


def _opened_here(backend: Backend) -> Opened:
    facts = {"capabilities": capabilities(backend), "software": software(), **probe(backend)}
    remote = LayerServer(layer_api=layer_api_of(backend)).answer
    return _opened(facts, in_process_ask(backend), remote, partial(prepare, backend))


def _opened(
    facts: dict[str, Any], ask: Ask, remote: Remote, prepare: Callable[[str], object]
) -> Opened:
    said = facts.get("capabilities", {})
    return Opened(
        ask=None if "reason" in facts else ask,
        remote=remote if "reason" not in facts and said["has_layers"] else None,
        prepare=prepare,
        capabilities=capabilities_in(said),
        variants=tuple(said.get("variants", ())),
        **{name: facts.get(name, "") for name in ("version", "device", "reason", "software")},
    )


def _closed(reason: str) -> Opened:
    return Opened(
        ask=None,
        remote=None,
        prepare=lambda _: None,
        capabilities=Capabilities(),
        version="",
        device="",
        reason=reason,
    )


def capabilities_in(said: Mapping[str, Any]) -> Capabilities:
    """Return the capabilities in plain JSON; defaults where it says nothing."""
    told = {f.name: said[f.name] for f in fields(Capabilities) if f.name in said}
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return Capabilities(**(told | lists))
