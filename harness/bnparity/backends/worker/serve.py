"""The child's side of a worker: load one backend, answer calls until the channel closes."""

import os
import resource
import select
import socket
import sys
from contextlib import suppress
from typing import Any

from bnparity.backends.call import Fault, Reply, Settings, call
from bnparity.backends.compiling import CompileClock
from bnparity.backends.errors import UsageError
from bnparity.backends.layer_api import LayerServer
from bnparity.backends.load import capabilities, layer_api_of, load_target, prepare, probe, software
from bnparity.backends.sources import sources_of
from bnparity.backends.states import States
from bnparity.backends.tensors import is_lost
from bnparity.backends.worker.programs import Programs
from bnparity.backends.worker.wire import Channel, Closed

#: Seconds that a copy of this process, made by a call, has to come back from that call.
_RETURN_SECONDS = 0.2


def main(arguments: list[str]) -> None:
    """Serve the backend ``[target, variant]`` on the socket whose descriptor comes first.

    The limit of the memory, in bytes, comes second. The first question has no words.
    """
    descriptor, memory, target, variant = arguments
    channel = Channel(socket.socket(fileno=int(descriptor)))
    _keep_standard_streams_clear()
    limit_memory(int(memory))
    try:
        channel.receive()
        _serve(channel, target, variant)
    except Closed:
        return


def _serve(channel: Channel, target: str, variant: str) -> None:
    sources, told, clock = sources_of(target), dict[str, str](), CompileClock()
    programs = Programs()
    try:
        backend = load_target(target, variant)
        facts = {"capabilities": capabilities(backend), "software": software()}
        probed = probe(backend)  # which imports what it is for
        clock.start()
        programs.take(os.environ)
        told = {**sources.found}
        channel.send({**facts, **probed, "sources": told}, {})
        server = LayerServer(layer_api=layer_api_of(backend))
    except UsageError as error:
        channel.send({"usage_error": str(error)}, {})
        return
    copies, states = _Copies(), States()
    while True:
        fields, arrays = channel.receive()
        if "prepare" in fields:
            prepare(backend, fields["prepare"])
            channel.send({}, {})
        elif "method" in fields:
            answer = server.answer(fields, arrays)
            copies.end()
            channel.send(*answer)
        else:
            with programs.written():
                reply = call(backend, arrays, Settings(**fields), states)
                with suppress(Exception):  # a backend may have closed it, or put another there
                    sys.stderr.flush()
                copies.end()
            if copies.came_back():
                twice = Fault(kind="contract", text="the call forked, and returned twice")
                reply = Reply(outputs={}, fault=twice)
            fault = None if reply.fault is None else vars(reply.fault)
            said: dict[str, Any] = {"fault": fault, "borrowed": reply.borrowed}
            said |= {"state": reply.state, "besides": reply.besides, "compiling": clock.seconds}
            said["lost"] = fault is not None and is_lost()
            if sources.found != told:
                told = {**sources.found}
                said["sources"] = told
            channel.send(said, reply.outputs)


def limit_memory(most: int) -> None:
    """Let this process hold up to `most` bytes of data, or fewer where that was its limit.

    Where the system refuses, as some versions of macOS do, memory is not limited.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)[1]
    least = most if before == resource.RLIM_INFINITY else min(most, before)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (least, least))


class _Copies:
    """Copies of this process that a backend makes: none may go on with our work."""

    def __init__(self) -> None:
        self._original = os.getpid()
        self._forks = 0
        self._seen, self._shown = os.pipe()
        os.register_at_fork(after_in_parent=self._count)

    def end(self) -> None:
        """End this process if it is a copy, and let the original know of it."""
        if os.getpid() != self._original:
            os.write(self._shown, b"!")
            os._exit(0)

    def came_back(self) -> bool:
        """Return whether a copy came back from the call that made it."""
        if not self._forks:
            return False
        self._forks = 0
        readable, _, _ = select.select([self._seen], [], [], _RETURN_SECONDS)
        return bool(readable) and bool(os.read(self._seen, 4096))

    def _count(self) -> None:
        self._forks += 1


def _keep_standard_streams_clear() -> None:
    """A backend may print what it likes: it goes to stderr; there is nothing to read for it."""
    os.dup2(2, 1)
    sys.stdout = sys.stderr
