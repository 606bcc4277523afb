"""Whatever a backend does in its process, the harness goes on and says what happened."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.call import Reply, Settings
from bnparity.backends.errors import UsageError
from bnparity.backends.worker.client import Worker
from bnparity.backends.worker.keeper import children_of
from bnparity.backends.worker.limits import LATE, Limits

HOSTILE = Path(__file__).with_name("hostile.py")
SETTINGS = Settings(training=True, momentum=0.1, eps=1e-5)
X = np.ones((2, 3), dtype=np.float32)
ARRAYS = {
    "x": X,
    "weight": None,
    "bias": None,
    "running_mean": None,
    "running_var": None,
    "grad_output": None,
}


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    """Return a worker for the function of `hostile.py` that the test names."""
    worker = Worker(
        target=f"{HOSTILE}:{request.param}",
        variant="",
        interpreter=sys.executable,
        limits=Limits(seconds=2.0, memory=1 << 29, restarts=3),
    )
    worker.start()
    yield worker
    worker.stop()


def ask(worker: Worker) -> Reply:
    """Return the reply to one call."""
    return worker.ask(ARRAYS, SETTINGS)


def of(name: str) -> pytest.MarkDecorator:
    """Name the backend of a test."""
    return pytest.mark.parametrize("worker", [name], indirect=True)


@pytest.mark.parametrize(
    ("worker", "kind", "text"),
    [
        ("killed", "crash", "SIGSEGV"),
        ("leaving", "crash", "exited with code 0: goodbye"),
        ("exiting", "error", "SystemExit: enough"),
        ("stuck", "hang", "no answer after 2 s"),
        ("writing", "mutation", "its input x"),
        ("raising", "error", "ZeroDivisionError: by x"),
        ("unprintable", "error", "_Unprintable: (its message cannot be printed: RuntimeError)"),
        ("nothing", "contract", 'NoneType instead of a mapping of arrays: return {"output": y'),
        ("lists", "contract", "output is list, expected float32 array of shape (2, 3)"),
        ("misshapen", "contract", "shape (2, 3, 1), expected float32 array of shape (2, 3)"),
        ("widened", "contract", "float64 array of shape (2, 3), expected float32"),
        ("long_winded", "error", "ValueError: xxx"),
        ("killed_in_real_time", "crash", "was killed by signal 40"),
        ("survived", "crash", "exited with code 7"),
        ("ringing", "hang", "no answer after 2 s"),
        ("aborting", "crash", "SIGABRT"),
        ("killing_itself", "crash", "SIGKILL"),
        ("interrupted", "crash", "KeyboardInterrupt"),
        ("stopped", "hang", "no answer after 2 s"),
        ("deadlocked", "hang", "no answer after 2 s"),
        ("deaf", "hang", "no answer after 2 s"),
        ("forking", "contract", "the call forked, and returned twice"),
        ("eating", "error", "MemoryError"),
        ("overflowing", "error", "RecursionError"),
        ("closing", "crash", "exited with code 0"),
        ("babbling", "crash", "spoke another protocol"),
        ("sly", "contract", "its mapping raised ZeroDivisionError: output"),
        ("objects", "contract", "object array of shape (2, 3), expected float32"),
        ("swapped", "contract", ">f4 array of shape (2, 3), expected <f4 array"),
        ("masked", "contract", "MaskedArray"),
        ("unable", "unsupported", "NotImplementedError: no such layer"),
    ],
    indirect=["worker"],
)
def test_misbehaviour_is_a_fault_of_its_kind(worker: Worker, kind: str, text: str) -> None:
    """The fault says what happened, and a second call is answered too."""
    for _ in range(2):
        fault = ask(worker).fault
        assert fault is not None
        assert fault.kind == kind
        assert text in fault.text


@of("stuck")
def test_call_ends_with_the_time_of_its_backend(worker: Worker) -> None:
    """However long a call may take, and it is no hang: nobody knows what it would have said."""
    worker.limits = replace(worker.limits, seconds=600.0)
    worker.start()
    worker.end_by(time.monotonic() + 0.25)
    assert ask(worker).fault == LATE


@of("lost")
def test_lost_device_is_one_fault(worker: Worker) -> None:
    """An error of a kernel stays with its process: what is asked next has another."""
    reply = worker.ask({**ARRAYS, "x": -X}, SETTINGS)
    assert reply.fault is not None
    assert reply.fault.text == "RuntimeError: CUDA error: an illegal memory access was encountered"
    assert ask(worker).fault is None


@of("stuck_compiling")
def test_what_compiles_has_more_time(worker: Worker) -> None:
    """A program takes a compiler longer than a call, and is no hang."""
    worker.limits = replace(worker.limits, seconds=0.25)
    worker.start()
    fault = ask(worker).fault
    assert fault is not None
    assert (fault.kind, fault.text) == ("hang", "no answer after 1.5 s")


@pytest.mark.parametrize(
    "worker",
    ["with_a_child", "locked", "same_memory", "vandal", "flooding", "shrinking"],
    indirect=True,
)
def test_harmless_oddity_is_no_fault(worker: Worker) -> None:
    """What stays inside the process, or is as good as an array of its own, is none of ours."""
    for _ in range(2):
        reply = ask(worker)
        assert reply.fault is None
        assert np.array_equal(reply.outputs["output"], np.zeros_like(X))


@pytest.mark.parametrize("worker", ["talkative"], indirect=True)
def test_end_of_what_each_call_prints_is_kept(worker: Worker) -> None:
    """Of the last call alone, of both streams, without escapes; a line need not be whole."""
    for _ in range(2):
        printed = ask(worker).printed
        assert len(printed) <= 2000
        assert printed.endswith("yy\n [31m to stdout\nand to stderr")
        assert printed.count("to stdout") == 1


@pytest.mark.parametrize("worker", ["raising_deep"], indirect=True)
def test_traceback_crosses_without_the_path(worker: Worker) -> None:
    """It ends in the file's name, the line and the code."""
    fault = ask(worker).fault
    assert fault is not None
    assert fault.place.startswith("hostile.py:")
    assert fault.place.endswith('in raising_deep: raise KeyError("nope")')
    assert "/" not in fault.traceback


@pytest.mark.parametrize("worker", ["ready"], indirect=True)
def test_time_to_get_ready_is_not_a_calls(worker: Worker) -> None:
    """A backend that compiles is given longer for that than a call may take."""
    for _ in range(2):
        assert ask(worker).fault is None


@pytest.mark.parametrize("worker", ["never_ready"], indirect=True)
def test_backend_that_dies_getting_ready_is_told_once(worker: Worker) -> None:
    """The next call says so; then it is asked as it is."""
    worker.prepare("float32")
    fault = ask(worker).fault
    assert fault is not None
    assert "exited with code 7" in fault.text
    assert ask(worker).fault is None


@pytest.mark.parametrize("worker", ["its_input"], indirect=True)
def test_output_that_is_an_input_is_judged_by_its_values(worker: Worker) -> None:
    """It arrives as it is."""
    assert np.array_equal(ask(worker).outputs["output"], X)


@pytest.mark.parametrize("worker", ["killed"], indirect=True)
def test_backend_that_dies_too_often_is_given_up(worker: Worker) -> None:
    """After the last restart there is a final fault, and no more process."""
    faults = [ask(worker).fault for _ in range(5)]
    assert [fault.final for fault in faults if fault] == [False, False, False, False, True]
    assert faults[-1] is not None
    assert faults[-1].text == "it was given up after 3 restarts"


@pytest.mark.parametrize("worker", ["noisy"], indirect=True)
def test_worker_killed_from_outside_is_started_again(worker: Worker) -> None:
    """Whoever killed it, the next call is answered."""
    assert ask(worker).fault is None
    assert worker._process is not None
    (process,) = children_of(worker._process.pid)
    os.kill(process, signal.SIGKILL)
    fault = ask(worker).fault
    assert fault is not None
    assert "SIGKILL" in fault.text
    assert ask(worker).fault is None


@pytest.mark.parametrize("worker", ["noisy", "reading"], indirect=True)
def test_standard_streams_are_no_concern_of_a_backend(worker: Worker) -> None:
    """What it prints reaches nobody, and it finds nothing to read."""
    reply = ask(worker)
    assert reply.fault is None
    assert np.array_equal(reply.outputs["output"], np.zeros_like(X))


@pytest.mark.parametrize("worker", ["threaded"], indirect=True)
def test_number_of_threads_reaches_the_backend(worker: Worker) -> None:
    """It goes with the settings of a call, and holds for that call."""
    told = [worker.ask(ARRAYS, replace(SETTINGS, threads=threads)) for threads in (2, None)]
    assert [reply.outputs["output"][0, 0] for reply in told] == [2, 5]


def test_target_that_is_no_function_is_a_mistake() -> None:
    """A typo in the function's name is told with what was probably meant."""
    worker = Worker(target=f"{HOSTILE}:nosy", variant="", interpreter=sys.executable)
    with pytest.raises(UsageError, match=r"no 'nosy'.*did you mean noisy"):
        worker.start()


def test_interpreter_that_does_not_start_is_a_reason() -> None:
    """A worker that dies before it speaks is unavailable, with its last words."""
    worker = Worker(target=f"{HOSTILE}:noisy", variant="", interpreter="/bin/false")
    assert "did not start" in worker.start()["reason"]


def test_interpreter_that_is_not_there_is_a_reason() -> None:
    """A path that leads nowhere is unavailable too, and asking it is a fault."""
    worker = Worker(target=f"{HOSTILE}:noisy", variant="", interpreter="/nowhere/python")
    assert "No such file" in worker.start()["reason"]
    assert "No such file" in str(ask(worker).fault)


@pytest.mark.parametrize(
    "said",
    ["{}", '{"version": 3}', '{"capabilities": []}', '{"capabilities": {"has_layers": 1}}'],
)
def test_first_words_that_no_worker_says_are_a_reason(tmp_path: Path, said: str) -> None:
    """Code of a backend that speaks in the worker's place makes the backend unavailable."""
    file = tmp_path / "speaking.py"
    file.write_text(f"import json\njson.dumps = lambda *_: '[{said}, {{}}]'\nf = print\n")
    worker = Worker(target=f"{file}:f", variant="", interpreter=sys.executable)
    assert "did not start" in worker.start()["reason"]


def test_probe_tells_nothing_but_what_a_probe_tells(tmp_path: Path) -> None:
    """A key of ours in what it returns does not stand for what we say."""
    file = tmp_path / "probing.py"
    words = "{'version': 3, 'capabilities': 'all', 'mistake': 'yours'}"
    file.write_text(f"def f(*_, **__): ...\nf.probe = lambda: {words}\n")
    worker = Worker(target=f"{file}:f", variant="", interpreter=sys.executable)
    facts = worker.start()
    worker.stop()
    assert facts["version"] == "3"
    assert facts["capabilities"]["dialect"] == "torch"


def test_backend_that_cannot_be_loaded_again_is_a_fault(tmp_path: Path) -> None:
    """A file that has changed for the worse ends no session."""
    file = tmp_path / "changing.py"
    file.write_text("import os\ndef f(*_, **__): os._exit(1)\n")
    worker = Worker(target=f"{file}:f", variant="", interpreter=sys.executable)
    worker.start()
    assert "exited with code 1" in str(ask(worker).fault)
    file.write_text("f = unknown\n")
    assert "NameError" in str(ask(worker).fault)


def test_temporary_folder_that_has_gone_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backend may remove it: then there is no place for what the next process prints."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    worker = Worker(target=f"{HOSTILE}:noisy", variant="", interpreter=sys.executable)
    assert "gone" in str(ask(worker).fault)


def test_limit_of_nearly_nothing_is_a_limit() -> None:
    """Less than the kernel's unit of time does not stand for any length of it."""
    limits = Limits(seconds=1e-7)
    worker = Worker(
        target=f"{HOSTILE}:stuck", variant="", interpreter=sys.executable, limits=limits
    )
    worker.start()
    assert "no answer" in str(ask(worker).fault)


def test_asking_starts_a_worker() -> None:
    """A worker that was stopped answers again."""
    worker = Worker(target=f"{HOSTILE}:unable", variant="", interpreter=sys.executable)
    assert ask(worker).fault is not None
    worker.stop()
    assert ask(worker).fault is not None
    worker.stop()
