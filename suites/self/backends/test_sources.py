"""What was run of a backend's own files is known by its digest, whatever lies there later."""

import hashlib
import importlib
import inspect
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends import Settings, opened, parse
from bnparity.backends.load import load_target
from bnparity.backends.sources import sources_of

KERNEL = """
def batch_norm(x, *args, **settings):
    import {neighbour}
    if x[0, 0] == 7:
        import os
        os._exit(7)
    return {{"output": x * 1}}
"""
ARRAYS = {"x": np.ones((2, 1), np.float32)} | dict.fromkeys(
    ("weight", "bias", "running_mean", "running_var", "grad_output")
)
DEADLY = {**ARRAYS, "x": np.full((2, 1), 7, np.float32)}
SETTINGS = Settings(training=True, momentum=0.1, eps=1e-5)


def written(folder: Path, neighbour: str) -> str:
    """Write a kernel and a module that its calls import; return the kernel's name."""
    (folder / "kernel.py").write_text(KERNEL.format(neighbour=neighbour))
    (folder / f"{neighbour}.py").write_text("VALUE = 12345\n")
    return f"{folder / 'kernel.py'}:batch_norm"


def digests(folder: Path, *files: str) -> dict[str, str]:
    """Return the digests of files as they are now."""
    return {f: hashlib.sha256((folder / f).read_bytes()).hexdigest() for f in files}


def test_worker_tells_what_it_has_run(tmp_path: Path) -> None:
    """At first the kernel's file, and after a call what that has imported from beside it."""
    with opened(parse(written(tmp_path, "beside"))) as backend:
        assert backend.sources() == digests(tmp_path, "kernel.py")
        assert backend.ask is not None
        assert backend.ask(ARRAYS, SETTINGS).fault is None
        assert backend.sources() == digests(tmp_path, "kernel.py", "beside.py")


@pytest.mark.parametrize("edited", ["kernel.py", "beside.py"])
def test_kernel_that_is_edited_answers_no_more(tmp_path: Path, edited: str) -> None:
    """A process that is started again runs something else: that is said, and no call is judged."""
    with opened(parse(written(tmp_path, "beside"))) as backend:
        assert backend.ask is not None
        assert backend.ask(ARRAYS, SETTINGS).fault is None
        assert backend.ask(DEADLY, SETTINGS).fault is not None
        (tmp_path / edited).write_text((tmp_path / edited).read_text() + "# edited\n")
        for _ in range(2):
            fault = backend.ask(ARRAYS, SETTINGS).fault
            assert fault is not None
            assert fault.final
            assert fault.text == f"{edited} has changed since the session began"


def test_what_is_run_is_what_lies_there(tmp_path: Path) -> None:
    """A compilation kept for a file of the same size and second is not taken for it."""
    load_target(written(tmp_path, "kept"))(ARRAYS["x"])
    del sys.modules["kept"]
    times = (tmp_path / "kept.py").stat()
    (tmp_path / "kept.py").write_text("VALUE = 54321\n")
    os.utime(tmp_path / "kept.py", (times.st_atime, times.st_mtime))
    assert importlib.import_module("kept").VALUE == 54321


def test_lines_of_a_function_are_those_that_run(tmp_path: Path) -> None:
    """Compilers of kernels read them again, when the file may be another."""
    kernel = load_target(written(tmp_path, "beside"))
    (tmp_path / "kernel.py").write_text("# nothing of it is left\n" * 20)
    assert "import beside" in inspect.getsource(kernel)


def test_what_is_installed_is_not_a_backends_own(tmp_path: Path) -> None:
    """Files elsewhere are not noted, nor modules of Python's with the name of a file there."""
    (tmp_path / "time.py").write_text("")
    (tmp_path / "kernel.py").write_text("import json.tool, time\ndef f(*a, **k): ...\n")
    target = f"{tmp_path / 'kernel.py'}:f"
    load_target(target)
    assert sources_of(target).found == digests(tmp_path, "kernel.py")
