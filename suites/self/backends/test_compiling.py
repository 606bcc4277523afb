"""How long compilers take, also those that do not say so."""

import sys
from collections.abc import Callable
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from bnparity.backends import compiling, opened, parse
from bnparity.backends.compiling import CompileClock
from bnparity.cases import Case, declaration
from bnparity.judging import run_case


class Executor:
    """What compiles in a framework, one thing by another."""

    def __init__(self, other: "Executor | None" = None) -> None:
        self.other = other

    def compile(self, what: str) -> str:
        """Return what is compiled; the other compiles a part of it."""
        return what if self.other is None else self.other.compile(what)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> CompileClock:
    """Return a clock of compilers, after the import of a framework; a second goes by at a look."""
    monkeypatch.setattr(compiling, "time", SimpleNamespace(monotonic=count().__next__))
    framework, api = ModuleType("mindspore"), ModuleType("mindspore.common.api")
    api.__dict__["_JitExecutor"] = type("_JitExecutor", (Executor,), {})
    for name, module in (("mindspore", framework), ("mindspore.common.api", api)):
        monkeypatch.setitem(sys.modules, name, module)
    clock = CompileClock()
    clock.start()
    return clock


def executor() -> Callable[..., Any]:
    """Return what compiles in the framework."""
    made: Callable[..., Any] = sys.modules["mindspore.common.api"].__dict__["_JitExecutor"]
    return made


def test_compiler_is_timed_and_answers_as_before(clock: CompileClock) -> None:
    """Another version need not have all the names: what there is of them is timed."""
    assert executor()().compile("a layer") == "a layer"
    assert clock.seconds == 1


def test_compilers_within_another_are_counted_once(clock: CompileClock) -> None:
    """Their time is part of its time."""
    assert executor()(executor()()).compile("a layer") == "a layer"
    assert clock.seconds == 1


def test_graph_mode_tells_what_it_compiles() -> None:
    """Most of what a case takes that is the first of its shape."""
    with opened(parse("mindspore[graph]")) as backend:
        if backend.ask is None:
            pytest.skip(backend.reason)
        dialect = declaration("mindspore").dialect
        assert run_case(backend.ask, Case(shape=(4, 3), momentum=0.9), dialect).fault is None
        assert backend.compile_seconds() > 0
