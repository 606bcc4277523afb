"""Where a system has less than Linux, what is left works, or one line says that it does not."""

import os
import runpy
import sys

import numpy as np
import pytest
from bnparity.backends.call import Settings
from bnparity.backends.worker.client import Worker
from bnparity.backends.worker.limits import Limits

_X = np.ones((2, 3), dtype=np.float32)
_NONE = ("weight", "bias", "running_mean", "running_var", "grad_output")


def test_windows_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is imported that Windows has not."""
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(SystemExit) as left:
        runpy.run_module("bnparity", run_name="__main__")
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("bnparity: Windows is not supported")


def test_worker_answers_where_memory_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, where arrays pass through a file that has been removed."""
    monkeypatch.delattr(os, "memfd_create")
    worker = Worker(
        target="bnparity.kernels.numpy_kernel:batch_norm",
        variant="",
        interpreter=sys.executable,
        limits=Limits(seconds=60.0),
    )
    try:
        worker.start()
        settings = Settings(training=True, momentum=0.1, eps=1e-5)
        reply = worker.ask({"x": _X, **dict.fromkeys(_NONE)}, settings)
    finally:
        worker.stop()
    assert reply.fault is None
    np.testing.assert_array_equal(reply.outputs["output"], np.zeros_like(_X))
