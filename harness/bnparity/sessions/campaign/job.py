"""One job of a campaign: a process that claims blocks, draws them, and counts them.

Started by `jobs` as ``python -m bnparity.sessions.campaign.job FOLDER TASK``; it ends at its
deadline, when there is nothing left to claim, when it is asked to, or when its parent has died.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bnparity.backends import UsageError
from bnparity.sessions.campaign import shrinking
from bnparity.sessions.campaign.conditions import plan_in
from bnparity.sessions.campaign.contribution import payload_of
from bnparity.sessions.campaign.drawing import Over, Subject, draw, ends_backend, shrink
from bnparity.sessions.campaign.leases import Lease, enter, finish, lease
from bnparity.sessions.campaign.source import with_run
from bnparity.sessions.campaign.store import Store, stored
from bnparity.sessions.evaluation import ends_process
from bnparity.sessions.plan import OpenBackends

#: Seconds that are left after the deadline to make cases smaller; the rest is for other sessions.
FOLLOWING_SECONDS = 5.0
#: Seconds that a job takes to end in order when its parent has died.
_END_SECONDS = 5.0
#: Exit code of a job that can tell in one line what is wrong.
USAGE_ERROR = 2


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a job is to do: begin new blocks for `seconds`, until each backend has had `blocks`.

    Backends are names that the state has registered; None is any number of blocks.
    """

    backends: Sequence[str]
    blocks: int | None
    seconds: float


def work(store: Store, task: Task, gone: Over) -> None:
    """Draw blocks until there is nothing to do, or until the parent is `gone`.

    A block that is not done at the deadline is given up, but for the first one: however little time
    a session has, it gets somewhere.
    """
    deadline = time.monotonic() + task.seconds
    place = OpenBackends(plan_in(store.conditions()))
    owner, blocks = enter(store), 0

    def over() -> bool:
        return gone() or (blocks > 0 and time.monotonic() > deadline)

    try:
        while not over() and (claimed := lease(store, owner, task.backends, task.blocks)):
            if not _do(store, place, claimed, over):
                break
            blocks += 1
            _follow_up(store, place, claimed.backend, gone, of_block=claimed.block)
        until = max(deadline, time.monotonic()) + FOLLOWING_SECONDS
        for backend in task.backends:
            _follow_up(store, place, backend, lambda: gone() or time.monotonic() > until)
    finally:
        place.close(*task.backends)
        store.locks.leave()


def _do(store: Store, place: OpenBackends, claimed: Lease, over: Over) -> bool:
    """Draw a claimed block and count it; return whether it came to its end."""
    begin = time.monotonic()
    subject = _subject(store, place, claimed.backend)
    contribution = draw(subject, claimed.block, over)
    if contribution is None:
        return False
    run = subject.sources()
    if ends_backend(contribution):
        place.close(claimed.backend)
    finish(store, claimed, contribution, time.monotonic() - begin, run)
    return True


def _subject(store: Store, place: OpenBackends, backend: str) -> Subject:
    """Return a backend, ready for blocks; a `UsageError` if it is not there, or another by now."""
    found = place[backend]
    if found.ask is None:
        raise UsageError(f"{backend} is unavailable: {found.reason}")
    with_run(store.facts(backend)["source"], found.sources())
    return Subject(
        ask=found.ask, capabilities=found.capabilities, plan=place.plan, sources=found.sources
    )


def _follow_up(
    store: Store, place: OpenBackends, backend: str, gone: Over, of_block: int | None = None
) -> None:
    """Shrink the symptoms of a backend, or those alone that a block of ours was first to show."""
    costly = any(map(ends_process, shrinking.followed(store, backend)))
    for symptom, first in shrinking.unshrunk(store, backend).items():
        if of_block in (None, first.place):
            subject = _subject(store, place, backend)
            smallest = shrink(subject, int(first.place), symptom, gone)
            if gone():
                return
            with_run(store.facts(backend)["source"], subject.sources())
            payload = None if smallest is None else payload_of(smallest)
            shrinking.keep(store, backend, symptom, first, payload)
            if costly:
                place.close(backend)


def _end_with_parent() -> None:
    """End this process when the other end of its standard input is closed: in order, if it can."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_END_SECONDS)
    os._exit(1)


def main(arguments: Sequence[str]) -> int:
    """Do the task ``arguments[1]``, in JSON, on the state in the folder ``arguments[0]``."""
    # The parent alone is told by a terminal, and tells its jobs; this ends a call to a backend too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    parent = os.getppid()
    folder, task = Path(arguments[0]), Task(**json.loads(arguments[1]))
    try:
        with suppress(KeyboardInterrupt), stored(folder) as store:
            work(store, task, lambda: os.getppid() != parent)
    except UsageError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
