"""When the compiled form of the oracle's passes is loaded, and that nobody waits for a compiler."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bnparity_reference.compiled import loading
from bnparity_reference.compiled.loading import SWITCH, Loading


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Loading:
    """Return one that seeks loops after the first pass, and is not kept out."""
    monkeypatch.setattr(loading, "PATIENCE", 0.0)
    monkeypatch.delenv(SWITCH, raising=False)
    return Loading()


def work(done: Loading) -> None:
    """Do some passes."""
    with done.at_work():
        np.ones(1000).sum()


def test_little_work_neither_imports_nor_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as passes have taken less than the patience, there is no process and no Numba."""
    monkeypatch.setattr(loading, "PATIENCE", 1e9)
    few = Loading()
    for _ in range(3):
        work(few)
    assert few.spent > 0.0
    assert (few.compiler, few.loops, few.over) == (None, None, False)


def test_an_answer_does_not_import_numba() -> None:
    """Who asks the oracle a little has NumPy alone."""
    program = """
import sys, numpy, bnparity_reference as r
r.batch_norm(numpy.ones((2, 3)), dialect=r.Dialect(), training=True, momentum=0.1, eps=1e-5)
sys.exit("numba" in sys.modules)"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_loops_are_loaded_once_another_process_has_compiled_them(impatient: Loading) -> None:
    """The first passes begin to compile, elsewhere; those after it has ended find the loops."""
    work(impatient)
    assert impatient.loops is None
    assert impatient.compiler is not None
    assert impatient.compiler.wait() == 0
    work(impatient)
    assert impatient.loops is not None


def test_without_processes_there_is_the_other_form(
    impatient: Loading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no process can be started, nothing is compiled, and nothing breaks."""
    monkeypatch.setattr(sys, "executable", "")
    work(impatient)
    assert (impatient.compiler, impatient.over) == (None, True)


def test_a_compiler_that_fails_leaves_the_other_form(
    impatient: Loading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where compiling ends badly nothing is loaded, nor tried again."""
    monkeypatch.setattr(loading, "_PROGRAM", "raise SystemExit(3)")
    work(impatient)
    assert impatient.compiler is not None
    assert impatient.compiler.wait() == 3
    work(impatient)
    assert (impatient.loops, impatient.over) == (None, True)


def test_compiler_ends_with_the_process_that_began_it(impatient: Loading) -> None:
    """When the pipe between them closes, as it does however a process ends, it stops at once."""
    work(impatient)
    compiler = impatient.compiler
    assert compiler is not None
    assert compiler.stdin is not None
    compiler.stdin.close()  # before Numba can have been imported
    assert compiler.wait() == 1


@pytest.mark.parametrize("way", ["switched off", "not installed"])
def test_numba_is_kept_out(impatient: Loading, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Where the switch is 0, or there is no Numba, passes stay NumPy's."""
    if way == "switched off":
        monkeypatch.setenv(SWITCH, "0")
    else:
        monkeypatch.setattr(loading, "find_spec", lambda _: None)
    work(impatient)
    impatient.load()
    assert (impatient.loops, impatient.compiler, impatient.over) == (None, None, True)


def test_loops_that_add_in_another_order_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """If NumPy came to add the numbers of a row otherwise, its form would stay in use."""

    def total(a: Any, b: Any, times: bool, room: int, hi: Any, lo: Any) -> bool:
        lo[:] = np.cumsum(a[1], axis=1)[:, -1:]
        return True

    monkeypatch.setattr(loading, "import_module", lambda _: SimpleNamespace(total=total))
    other = Loading()
    other.load()
    assert other.loops is None
