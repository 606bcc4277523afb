"""Blocks that another machine draws: what is sent there, what is done there, and what comes back.

Nothing of a backend's folder is read there: its files travel with the blocks, and are the very
bytes whose digests the campaign has noted. What is installed has to be the same on both sides.
"""

import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import chdir, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bnparity.backends import UsageError, listed, parse
from bnparity.sessions.campaign.conditions import facts_of, other_conditions, other_facts, plan_in
from bnparity.sessions.campaign.contribution import Contribution, payload_of, together
from bnparity.sessions.campaign.drawing import Over, Subject, draw, ends_backend, shrink
from bnparity.sessions.campaign.figures import key
from bnparity.sessions.campaign.source import files_of
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.plan import OpenBackends


@dataclass(frozen=True, kw_only=True, eq=False)
class Errand:
    """Blocks to draw, or one whose first case of a ``symptom`` is to be shrunk.

    The campaign has the ``backend`` under that name, and knows its ``facts``; where its ``files``
    are laid, it is ``named``. No block is begun or gone on with after so many ``seconds``.
    """

    backend: str
    named: str
    conditions: Mapping[str, Any]
    facts: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    blocks: tuple[int, ...] = ()
    symptom: str = ""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """What it is, for people."""
        first, *others = self.blocks
        blocks = f"blocks {first} to {others[-1]}" if others else f"block {first}"
        return f"{blocks} of {self.backend}"


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What an errand brings: of ``blocks`` a ``contribution``, or the ``smallest`` case's payload.

    The blocks are those that have come to their end, in ``seconds``. ``run`` has a digest of each
    file of the backend's that was run, and ``ended`` says whether all was done that was to be.
    """

    blocks: tuple[int, ...] = ()
    contribution: Contribution = field(default_factory=lambda: together([]))
    seconds: float = 0.0
    smallest: str | None = None
    run: Mapping[str, str]
    ended: bool


def errand_of(store: Store, backend: str) -> Errand:
    """Return an errand of a backend in the state without any block, with all that it takes there.

    A `UsageError` if its files are not those that the campaign was begun with, or cannot travel.
    """
    name, facts = parse(backend), store.facts(backend)
    place, _, attribute = name.target.rpartition(":")
    if not name.is_file and name.framework not in listed() and facts["source"]:
        raise UsageError(f"{backend} is a module of this folder: with --ray, name its file")
    files = files_of(Path(place), facts["source"]) if name.is_file else {}
    brackets = backend.removeprefix(name.base)
    named = f"{Path(place).name}:{attribute}{brackets}" if name.is_file else backend
    conditions = store.conditions()
    return Errand(backend=backend, named=named, conditions=conditions, facts=facts, files=files)


def do_errand(errand: Errand) -> Brought:
    """Draw the blocks of an errand where it has been sent.

    A `UsageError` if what is installed here is not what the campaign was begun with.
    """
    plan = plan_in(errand.conditions)
    if why := other_conditions(errand.conditions, plan):
        raise UsageError(f"{_here()}: {why}")
    begin = time.monotonic()

    def over() -> bool:
        return time.monotonic() - begin > errand.seconds

    with _laid(errand.files), closing(OpenBackends(plan)) as place:
        if errand.symptom:
            return _shrunk(errand, place, over)
        return _drawn(errand, place, over)


def _drawn(errand: Errand, place: OpenBackends, over: Over) -> Brought:
    begin, found = time.monotonic(), list[Contribution]()
    run: dict[str, str] = {}
    for block in errand.blocks:
        subject = _subject(errand, place)
        contribution = None if over() else draw(subject, block, over)
        run |= subject.sources()
        if contribution is None:
            break
        found.append(contribution)
        if ends_backend(contribution):
            place.close(errand.named)
        if ("given up", key()) in contribution.counts:
            break
    return Brought(
        blocks=errand.blocks[: len(found)],
        contribution=together(found),
        seconds=time.monotonic() - begin,
        run=run,
        ended=len(found) == len(errand.blocks),
    )


def _shrunk(errand: Errand, place: OpenBackends, over: Over) -> Brought:
    subject = _subject(errand, place)
    found = shrink(subject, errand.blocks[0], errand.symptom, over)
    smallest = None if found is None else payload_of(found)
    return Brought(smallest=smallest, run=subject.sources(), ended=not over())


def _subject(errand: Errand, place: OpenBackends) -> Subject:
    """Return the backend as it is here; a `UsageError` if it is not here, or another one."""
    try:
        found = place[errand.named]
    except UsageError as error:
        raise UsageError(f"{_here()}: {error}") from error
    if found.ask is None:
        why = f"{errand.backend} is unavailable there ({found.reason})"
        raise UsageError(f"{_here()}: {why}: install it there, or leave that machine out")
    if why := other_facts(errand.backend, errand.facts, facts_of(found, place.plan)):
        raise UsageError(f"{_here()}: {why}: install the same there")
    return Subject(
        ask=found.ask, capabilities=found.capabilities, plan=place.plan, sources=found.sources
    )


@contextmanager
def _laid(files: Mapping[str, bytes]) -> Iterator[None]:
    """Lay files into a folder and be there; stay where we are if there are none."""
    if not files:
        yield
        return
    with TemporaryDirectory(prefix="bnparity-") as folder, chdir(folder):
        for place, content in files.items():
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            Path(place).write_bytes(content)
        yield


def _here() -> str:
    return f"machine {platform.node()}"
