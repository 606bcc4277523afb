"""Whatever answers a call: a worker, or a backend in this process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from bnparity.backends.call import Arrays, Reply, Settings, call


class Ask(Protocol):
    """Anything that answers a call: a worker's `ask`, or a backend in this process."""

    def __call__(
        self, arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = ..., /
    ) -> Reply:
        """Return the reply; where the call is made elsewhere, do `meanwhile` before it is there."""


def in_process(backend: Callable[..., Any]) -> Ask:
    """Return an `Ask` that calls `backend` in this process."""

    def ask(arrays: Arrays, settings: Settings, _: Callable[[], object] = lambda: None) -> Reply:
        reply = call(backend, arrays, settings)
        # Copied, as by a worker: a backend may use its buffers again.
        return replace(reply, outputs={k: v.copy() for k, v in reply.outputs.items()})

    return ask
