"""The process between the harness and a worker: when either ends, it ends all that is left.

The harness holds the other end of this process's standard input. However the harness ends, that
end closes, and the worker goes with all that it has started, what has left its session included
where the system can tell. Like ``bootstrap.py``, which imports it by path, it needs the standard
library alone; a worker is forked from it before anything else is imported.
"""

import ctypes
import os
import resource
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

#: Seconds between two looks at the worker.
_INTERVAL = 0.25
#: What processes print is thrown away when it has so many bytes, also within a call.
_MOST_NOISE = 1 << 24
#: Options of Linux's ``prctl``.
_ON_DEATH_OF_PARENT, _ADOPT = 1, 36
#: What counts as memory of a worker in ``/proc/PID/status``, beside what files hold.
_HELD = MappingProxyType({"RssAnon:": 1024, "RssShmem:": 1024})


def below_keeper(channel: int, memory: int) -> None:
    """Fork; return in the worker, and keep it in this process, which does not come back.

    The worker talks on the descriptor `channel`, and may hold so many bytes of `memory`: what it
    shares with others counts too, which no limit of the system's does.
    """
    _prctl(_ADOPT, 1)
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told)
    original = signal.signal(signal.SIGCHLD, lambda *_: None)
    worker = os.fork()
    if worker:
        os.close(channel)
        _end_like(_kept(worker, memory, heard))
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, original)
    os.close(heard)
    os.close(told)
    _begin()


def _begin() -> None:
    """Make this process a worker: in a session of its own, and dead when its keeper is."""
    keeper = os.getppid()
    os.setsid()
    _prctl(_ON_DEATH_OF_PARENT, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(1)  # it died before we asked to be told
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)  # the end that stands for the harness is the keeper's alone


def _kept(worker: int, memory: int, heard: int) -> int:
    """Wait for the end of a worker or of the harness; return the status of the worker's end."""
    parent, status = os.getppid(), None
    while status is None and os.getppid() == parent:
        readable, _, _ = select.select([0, heard], [], [], _INTERVAL)
        if 0 in readable:
            break
        if heard in readable:
            os.read(heard, 4096)
        status = _reaped(worker)
        _look_at(worker, memory)
    return _end_all(worker, status)


def _reaped(worker: int) -> int | None:
    """Take note of processes that have ended; return the worker's status if it is among them."""
    with suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == worker:
                return status
            if not process:
                return None
    return None


def _end_all(worker: int, status: int | None) -> int:
    """End a worker and all that it has started; return the status that it has ended with."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker, signal.SIGKILL)
    if status is None:
        os.kill(worker, signal.SIGKILL)  # it may not have a group of its own yet
    with suppress(ChildProcessError):
        while True:  # what an ended process leaves becomes ours, and is ended next
            for process in children_of(os.getpid()):
                os.kill(process, signal.SIGKILL)
            process, ended = os.waitpid(-1, 0)
            status = ended if process == worker else status
    return status or 0


def _look_at(worker: int, memory: int) -> None:
    """Throw away what is printed beyond all measure, and end a worker that holds too much."""
    if os.fstat(2).st_size > _MOST_NOISE:
        os.ftruncate(2, 0)
    held = _held_by(worker)
    if held > memory:
        print(f"it held {held >> 20} MB of memory, its share of others' included", file=sys.stderr)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def _held_by(process: int) -> int:
    """Return how many bytes of memory a process holds; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    words = (line.split() for line in lines)
    return sum(int(word[1]) * _HELD[word[0]] for word in words if word and word[0] in _HELD)


def _end_like(status: int) -> None:
    """End this process as a worker has ended, so that who waits for it knows."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the worker's own is enough
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


def children_of(process: int) -> Iterator[int]:
    """Yield the processes that a process has started or adopted, where the system tells."""
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, listed.read_text().split())


def _prctl(option: int, value: int) -> None:
    """Tell Linux how to treat this process; elsewhere there is no such call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
