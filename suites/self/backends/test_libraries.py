"""Backends of installed distributions, each where its framework is."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from bnparity.backends import BUILT_IN, load_target, opened, parse
from bnparity.backends.environments import (
    REQUIREMENTS,
    environment_of,
    interpreter_of,
    made_environments,
)
from bnparity.backends.load import probe
from bnparity.cases import Case, declaration
from bnparity.judging import run_case

LIBRARIES = sorted(name for name, place in BUILT_IN.items() if ".libraries." in place)

#: Layers that tests of the adapters judge already.
JUDGED = {"equinox", "haiku", "keras"}


@pytest.mark.parametrize("name", LIBRARIES)
def test_missing_framework_comes_with_the_command_that_makes_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a backend is unavailable, and says how it would be available."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    monkeypatch.setattr(os, "environ", os.environ.copy())  # what a backend sets there is its own
    assert interpreter_of(name) == sys.executable
    package = name.partition("-")[0]
    if find_spec(package) is not None:
        pytest.skip(f"{package} is installed here")
    reason = probe(load_target(BUILT_IN[name]))["reason"]
    assert "bnparity env create " in reason
    assert environment_of(reason.rpartition(" ")[2]) in REQUIREMENTS


@pytest.mark.parametrize("name", sorted({*LIBRARIES} - JUDGED))
def test_plain_data_are_judged_as_the_dialect_says(name: str) -> None:
    """Data that any framework gets right: no output is wrong, and one at least is checked."""
    here = find_spec(name.partition("-")[0]) is not None
    if not here and environment_of(name) not in made_environments():
        pytest.skip(f"there is no interpreter with {name}: bnparity env create {name}")
    with opened(parse(name)) as backend:
        if backend.ask is None:
            pytest.skip(backend.reason)
        declared = declaration(backend.capabilities.dialect)
        case = Case(shape=(4, 3, 2, 2), momentum=0.9, training=name != "openvino")
        case_result = run_case(backend.ask, case, declared.dialect)
        says = name in ("flax", "tinygrad", "tvm")
        assert bool(backend.compile_seconds()) == says, "what it compiles is counted"
    assert case_result.fault is None
    assert case_result.failed == ()
    assert {check.output for check in case_result.checks} >= {"output"}
