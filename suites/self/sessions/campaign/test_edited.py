"""What is counted is what was registered: a kernel that is edited meanwhile begins afresh."""

import os
import signal
import time
from pathlib import Path

import pytest
from bnparity.backends import UsageError, parse
from bnparity.sessions import Plan, Task, begin, register, stored
from bnparity.sessions.campaign.job import work
from campaigns import fuzzing, jobs_of

#: Right, if the module beside it says so, which a call imports.
KERNEL = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, **settings):
    import beside
    results = dict(numpy_kernel.batch_norm(*args, **settings))
    results["output"] = results["output"] + beside.ERROR
    return results
"""
NAME = "kernel.py:batch_norm"


def write(folder: Path, *, error: int) -> None:
    """Write the kernel and its neighbour, which makes it wrong or right."""
    (folder / "kernel.py").write_text(KERNEL)
    (folder / "beside.py").write_text(f"ERROR = {error}\n")


def test_block_of_another_source_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is started when the neighbour has been edited says what it has run."""
    write(tmp_path, error=1)
    monkeypatch.chdir(tmp_path)
    with stored(tmp_path / "state", make=True) as store:
        begin(store, Plan())
        assert not register(store, parse(NAME), Plan(), lambda _: None)
        write(tmp_path, error=0)
        task = Task(backends=(NAME,), blocks=1, seconds=600.0)
        with pytest.raises(UsageError, match=r"beside\.py has changed while the campaign was at"):
            work(store, task, lambda: False)
        assert store.rows("SELECT n FROM counts WHERE what = 'cases'") == []


def test_job_that_is_replaced_does_not_judge_another_kernel(tmp_path: Path) -> None:
    """The kernel is edited, and a job that begins after that does not count what it says."""
    write(tmp_path, error=1)
    with fuzzing(tmp_path, NAME, "--examples", "100000") as session:
        while not (jobs := jobs_of(session.pid)):
            time.sleep(0.05)
        (tmp_path / "kernel.py").write_text(f"{KERNEL}# edited\n")
        os.kill(jobs[0], signal.SIGKILL)
        _, said = session.communicate()
    assert session.returncode == 2
    assert "kernel.py has changed while the campaign was at work" in said
