"""The child's side of a worker: load one backend, answer calls until the channel closes."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

from bnparity.backends.load import capabilities, driver_of, load_target, probe
from bnparity.call import Reply, Settings, call
from bnparity.drivers.acts import Bench
from bnparity.mistakes import Mistake
from bnparity.worker.wire import Closed, receive, send


def main(arguments: list[str]) -> None:
    """Serve the backend ``[target, variant]`` on the socket whose descriptor comes first."""
    descriptor, target, variant = arguments
    channel = socket.socket(fileno=int(descriptor))
    _keep_standard_streams_clear()
    try:
        backend = load_target(target, variant)
        send(channel, {"capabilities": capabilities(backend), **probe(backend)}, {})
        bench = Bench(driver=driver_of(backend))
    except Mistake as mistake:
        send(channel, {"mistake": str(mistake)}, {})
        return
    while True:
        try:
            fields, arrays = receive(channel)
        except Closed:
            return
        if "act" in fields:
            send(channel, *bench.perform(fields, arrays))
            continue
        reply = call(backend, arrays, Settings(**fields))
        send(channel, {"fault": _fault_of(reply), "borrowed": reply.borrowed}, reply.outputs)


def _fault_of(reply: Reply) -> dict[str, Any] | None:
    return None if reply.fault is None else vars(reply.fault)


def _keep_standard_streams_clear() -> None:
    """A backend may print what it likes: it goes to stderr, and it finds nothing to read."""
    os.dup2(2, 1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    sys.stdout = sys.stderr
