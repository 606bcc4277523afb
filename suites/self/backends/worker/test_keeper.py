"""However the harness ends, nothing is left of a worker, nor of what it has started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.call import Settings
from bnparity.backends.worker.client import Worker
from bnparity.backends.worker.keeper import children_of
from bnparity.backends.worker.limits import Limits

#: Each begins what should end with it, and tells its processes by files of their ids.
KERNELS = """
import mmap, os, time
from pathlib import Path

def note(name):
    Path(name).write_text(str(os.getpid()))

def busy(x, *args, **kwargs):
    note("busy")
    while True:
        pass

def daemon(x, *args, **kwargs):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            note("daemon")
            os.closerange(0, 64)
            time.sleep(600)
        os._exit(0)
    while not Path("daemon").exists():
        time.sleep(0.01)
    return {"output": x * 1}

def daemon_and_busy(*args, **kwargs):
    daemon(*args, **kwargs)
    busy(*args, **kwargs)

def sharing(x, *args, **kwargs):
    shared = mmap.mmap(-1, 1 << 30)
    for start in range(0, 1 << 30, 1 << 20):
        shared[start : start + (1 << 20)] = b"x" * (1 << 20)
    time.sleep(600)

def printing(x, *args, **kwargs):
    size = 0
    while os.fstat(1).st_size >= size:  # until somebody makes room
        size = os.fstat(1).st_size
        os.write(1, b"z" * (1 << 22))
        time.sleep(0.02)
    return {"output": x * 1}
"""
#: A session as it is for a kernel: a process that asks, and waits.
ASKING = """
import sys
from test_keeper import asked
asked(sys.argv[1], seconds=600.0)
"""


def asked(target: str, seconds: float, memory: int = 1 << 30) -> object:
    """Ask the backend `target` once; return its reply."""
    limits = Limits(seconds=seconds, memory=memory)
    worker = Worker(target=target, variant="", interpreter=sys.executable, limits=limits)
    worker.start()
    arrays = dict.fromkeys(("weight", "bias", "running_mean", "running_var", "grad_output"))
    x = np.ones((2, 3), dtype=np.float32)
    reply = worker.ask({"x": x, **arrays}, Settings(training=True, momentum=0.1, eps=1e-5))
    worker.stop()
    return reply


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the path of the kernels, in the folder that we are in."""
    (tmp_path / "kernels.py").write_text(KERNELS)
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "kernels.py")


def waited_for(name: str) -> int:
    """Return the id that a process has left under a name, as soon as it has."""
    while not (Path(name).exists() and Path(name).read_text()):
        time.sleep(0.01)
    return int(Path(name).read_text())


def has_ended(process: int) -> bool:
    """Return whether a process ends before anybody's patience does."""
    for _ in range(3000):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":  # it is nobody's worker any more, only not waited for yet
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_worker_ends_with_the_harness(kernels: str, number: signal.Signals) -> None:
    """It is busy, and a daemon of it has left its session: both end."""
    target = f"{kernels}:daemon_and_busy"
    path = os.pathsep.join([*sys.path, str(Path(__file__).parent)])
    command, environment = [sys.executable, "-c", ASKING, target], {"PYTHONPATH": path}
    with subprocess.Popen(command, env=os.environ | environment) as harness:
        processes = [waited_for(name) for name in ("daemon", "busy")]
        harness.send_signal(number)
    assert all(map(has_ended, processes))


def test_worker_ends_with_its_keeper(kernels: str) -> None:
    """Somebody may kill that one alone."""
    worker = Worker(target=f"{kernels}:busy", variant="", interpreter=sys.executable)
    worker.start()
    assert worker._process is not None
    (process,) = children_of(worker._process.pid)
    worker._process.kill()
    assert has_ended(process)
    worker.stop()


def test_nothing_is_left_after_a_session(kernels: str) -> None:
    """A daemon that has left its session and closed everything ends with the worker."""
    asked(f"{kernels}:daemon", seconds=60.0)
    assert has_ended(waited_for("daemon"))


def test_hung_worker_is_ended_with_what_it_started(kernels: str) -> None:
    """The limit of a call ends all of it."""
    assert "no answer after 1 s" in str(asked(f"{kernels}:daemon_and_busy", seconds=1.0))
    assert all(has_ended(waited_for(name)) for name in ("daemon", "busy"))


def test_shared_memory_is_memory(kernels: str) -> None:
    """The system's own limit does not count it."""
    reply = str(asked(f"{kernels}:sharing", seconds=60.0, memory=1 << 29))
    assert "SIGKILL: it held" in reply
    assert "MB of memory" in reply


def test_what_a_call_prints_does_not_fill_the_disk(kernels: str) -> None:
    """It is thrown away while the call goes on."""
    assert "fault=None" in str(asked(f"{kernels}:printing", seconds=60.0))
