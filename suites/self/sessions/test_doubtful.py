"""A hang is one if it comes again, a crash the backend's if nobody else can have caused it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bnparity.backends import Limits, parse
from bnparity.cases import Case
from bnparity.sessions import Evaluation, Plan
from bnparity.sessions.evaluation import evaluation_of

#: Right, and says who it is; `slow` has one processor, and needs more time on it than a call has.
KERNEL = """
import os, sys, time
from pathlib import Path
from bnparity.kernels import numpy_kernel

Path(__file__).with_name("process").write_text(str(os.getpid()))

def batch_norm(*args, **settings):
    return numpy_kernel.batch_norm(*args, **settings)

def stuck(*args, **settings):
    time.sleep(600)

def killed(*args, **settings):
    os.kill(os.getpid(), 9)

def work():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.nice(5)
    begin = time.thread_time()
    while time.thread_time() - begin < 0.7:
        pass

def slow(*args, **settings):
    work()
    return numpy_kernel.batch_norm(*args, **settings)

def compiled(*args, **settings):
    return numpy_kernel.batch_norm(*args, **settings)

compiled.prepare = lambda dtype: work()
"""
NEIGHBOUR = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print("busy", flush=True)
while True:
    pass
"""
CASE = Case(shape=(4, 3), training=False)


@contextmanager
def evaluated(folder: Path, function: str) -> Iterator[Evaluation]:
    """Give an evaluation of a function of the kernel, half a second a call."""
    (folder / "kernel.py").write_text(KERNEL)
    plan = Plan(limits=Limits(seconds=0.5))
    with plan.opened(parse(f"{folder / 'kernel.py'}:{function}")) as backend:
        assert backend.ask is not None
        yield evaluation_of(backend.ask, backend.capabilities, plan)


@pytest.mark.parametrize(
    ("number", "came"),
    [(signal.SIGSTOP, "no answer after 0.5 s"), (signal.SIGKILL, "killed by SIGKILL")],
)
def test_what_others_do_to_a_worker_is_no_fault(
    tmp_path: Path, number: signal.Signals, came: str
) -> None:
    """It is asked again, answers, and that is told."""
    with evaluated(tmp_path, "batch_norm") as evaluation:
        os.kill(int((tmp_path / "process").read_text()), number)
        assert evaluation.put(CASE).fault is None
        assert [came in text for text in evaluation.again] == [True]


@pytest.mark.parametrize(("function", "kind"), [("stuck", "hang"), ("killed", "crash")])
def test_what_comes_again_is_a_fault(tmp_path: Path, function: str, kind: str) -> None:
    """It is the backend's own, and no second asking is told as an answer."""
    with evaluated(tmp_path, function) as evaluation:
        fault = evaluation.put(CASE).fault
        assert fault is not None
        assert fault.kind == kind
        assert not evaluation.again


def test_hang_after_hang_is_given_up(tmp_path: Path) -> None:
    """Two cases are enough, none is made smaller, and it is told why no more are asked."""
    with evaluated(tmp_path, "stuck") as evaluation:
        evaluation.run(seed=0, examples=50, deadline=float("inf"), report=lambda: None)
        assert evaluation.drawn == 2
        assert evaluation.enough == "2 cases got no answer, asked twice each: stopped"


def test_what_cannot_be_asked_again_in_time_is_not_judged(tmp_path: Path) -> None:
    """Nothing is known of it, and it is no hang."""
    with evaluated(tmp_path, "stuck") as evaluation:
        evaluation.until = 0.0
        fault = evaluation.put(CASE).fault
        assert fault is not None
        assert fault.kind == "unsupported"
        assert fault.text == "no answer after 0.5 s; there was no time left to ask again"


@contextmanager
def crowded() -> Iterator[None]:
    """Have a neighbour that takes most of a processor."""
    with subprocess.Popen([sys.executable, "-c", NEIGHBOUR], stdout=subprocess.PIPE) as neighbour:
        assert neighbour.stdout is not None
        assert neighbour.stdout.readline() == b"busy\n"
        yield
        neighbour.kill()


def test_worker_that_gets_no_processor_does_not_hang(tmp_path: Path) -> None:
    """A neighbour has most of its processor: it needs longer, and gets it."""
    with crowded(), evaluated(tmp_path, "slow") as evaluation:
        case_result = evaluation.put(CASE)
    assert case_result.fault is None
    assert case_result.again == "no answer after 0.5 s"


def test_waiting_for_a_processor_is_no_part_of_getting_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who compiles has that time for itself, or it would compile anew call after call."""
    with crowded(), evaluated(tmp_path, "compiled") as evaluation:
        monkeypatch.setattr("bnparity.backends.worker.client.STARTUP_SECONDS", 1.0)
        case_result = evaluation.put(CASE)
    assert case_result.fault is None
    assert case_result.again == ""
