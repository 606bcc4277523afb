"""The backends of a session, all opened at its beginning: who waits for one asks another."""

import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock, Thread

from bnparity.backends import Name, Opened
from bnparity.sessions.plan import Plan, known


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A backend that has been opened, and got ready for the formats that it is asked in."""

    backend: Opened
    stack: ExitStack


@contextmanager
def ready(name: Name, plan: Plan) -> Iterator[Opened]:
    """Open one backend and get it ready."""
    found = _opened(name, plan)
    with found.stack:
        yield found.backend


class Opening:
    """The backends `names`, each opened by a thread of its own, as `plan` says.

    Those that are called in this process are opened when they are asked for, one after the other.
    """

    def __init__(self, names: Sequence[Name], plan: Plan) -> None:
        self._plan = plan
        self._over = False
        self._lock = Lock()
        self._left: dict[Name, Future[Ready]] = {name: Future() for name in names}
        if not plan.in_process:
            for name, future in self._left.items():
                # A daemon: nobody waits for an import when the session is told to end.
                Thread(target=self._open, args=(name, future), daemon=True).start()

    def _open(self, name: Name, future: "Future[Ready]") -> None:
        try:
            future.set_result(_opened(name, self._plan))
        except BaseException as error:  # noqa: BLE001  # it is raised where the backend is asked for
            future.set_exception(error)
        if self._over:  # nobody waits for it any more
            _close(future)

    def next(self, until: float) -> tuple[Name, "Future[Ready]"] | None:
        """Take the first backend that is ready; None if none is at the time `until`, or left."""
        while True:
            with self._lock:
                left = dict(self._left)
                at_once = self._plan.in_process  # is opened when it is taken
                found = next((n for n, f in left.items() if at_once or f.done()), None)
                if found is not None:
                    return found, self._left.pop(found)
            seconds = None if math.isinf(until) else max(until - time.monotonic(), 0.0)
            if not left or not wait(left.values(), seconds, FIRST_COMPLETED).done:
                return None

    @contextmanager
    def taken(self, name: Name, future: "Future[Ready]") -> Iterator[Opened]:
        """Give a backend that is ready; raise what its opening has raised."""
        if self._plan.in_process:
            self._open(name, future)
        with future.result().stack:
            yield future.result().backend

    def close(self) -> list[Name]:
        """Close what has not been taken, and return its names."""
        self._over = True
        with self._lock:
            left, self._left = self._left, {}
        for future in left.values():
            if future.done():
                _close(future)
        return list(left)


def _opened(name: Name, plan: Plan) -> Ready:
    with ExitStack() as stack:
        backend = stack.enter_context(plan.opened(name))
        known(backend.capabilities)
        for dtype in plan.dtypes_of(backend.capabilities) if backend.ask else ():
            backend.prepare(dtype)
        return Ready(backend=backend, stack=stack.pop_all())


def _close(future: "Future[Ready]") -> None:
    if future.exception() is None:
        future.result().stack.close()
