"""Scripts of findings repeat what the harness saw, to the bit."""

import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends.call import Ask
from bnparity.backends.formats import FORMATS
from bnparity.backends.names import parse
from bnparity.backends.open import Opened
from bnparity.cases.case import Case, Layout, Recipe, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.strategies import space_of
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.results.repro.folder import write_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from reproducing import accused, agrees, finding_of


def put_again(folder: Path, case_result: CaseResult, backend: str) -> None:
    """Run the script of each output here, and compare what it computes with the case result."""
    for check in case_result.checks:
        finding = finding_of(case_result, check.output)
        write_folder(folder, finding, accused(parse(backend)))
        script = runpy.run_path(str(folder / "repro.py"))
        with redirect_stdout(StringIO()) as shown:
            code = script["main"](script["FINDING"], folder, script["opened"])
        assert code == (check.verdict == "fail"), check
        if check.ratio > 0:
            assert agrees(shown.getvalue(), case_result, check.output), check
        assert outputs_again(script, folder) == {
            name: array.astype(np.float64).tobytes() for name, array in case_result.outputs.items()
        }


def outputs_again(script: Mapping[str, Any], folder: Path) -> dict[str, bytes]:
    """Return the bits in float64 of all that the last call of a script returns."""
    call, _ = script["opened"](script["FINDING"])
    stored = script["read"](folder / "inputs.safetensors")
    last = script["FINDING"]["calls"][-1]
    arrays = script["arguments_after_calls"](call, script["FINDING"], stored)
    outputs = script["ask"](call, last, arrays)
    return {
        name: script["wide"](script["bits"](array)).tobytes()
        for name, array in outputs.items()
        if array is not None
    }


@pytest.fixture(scope="module")
def fresh() -> Iterator[Callable[[], None]]:
    """Let scripts run here as in a process of their own, each after a call of what this returns.

    They find no arguments, and the number of threads that a new process has: another test may have
    set one here, and sums over parts of the data tell.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["repro.py"])
        patch.setattr(sys, "path", sys.path.copy())
        torch = pytest.importorskip("torch")
        before = torch.get_num_threads()
        asked = "import torch; print(torch.get_num_threads())"
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
        threads = int(done.stdout)
        yield lambda: torch.set_num_threads(threads)
        torch.set_num_threads(before)


@pytest.mark.parametrize("backend", ["torch", "torch[channels_last]", "numpy", "torch_api"])
@settings(max_examples=40)
@given(data=st.data())
def test_script_repeats_a_backend_to_the_bit(
    bn_opened: dict[str, Opened],
    tmp_path_factory: pytest.TempPathFactory,
    fresh: Callable[[], None],
    backend: str,
    data: st.DataObject,
) -> None:
    """Layouts, calls before, formats, momentum None, no statistics: nothing is lost in a folder."""
    ask = bn_opened[backend].ask
    if ask is None:
        pytest.skip(bn_opened[backend].reason)
    case = data.draw(space_of(declaration("torch"), dtypes=FORMATS, min_values=0).strategy())
    case_result = run_case(ask, case, declaration("torch").dialect)
    fresh()
    put_again(tmp_path_factory.mktemp("finding"), case_result, backend)


@pytest.mark.parametrize("layout", get_args(Layout))
@pytest.mark.parametrize("momentum", [0.25, None])
def test_script_repeats_a_file_to_the_bit(
    kernels: Path,
    wrong: Ask,
    tmp_path: Path,
    fresh: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    layout: Layout,
    momentum: float | None,
) -> None:
    """The calls of a history come first, and the last has the statistics they left."""
    case = Case(
        shape=(3, 4, 5),
        layout=layout,
        gradient=False,
        momentum=momentum,
        history=(Step(training=True, batch=4), Step(training=False, batch=7)),
        recipe=Recipe(conditioning=1),
    )
    case_result = run_case(wrong, case, declaration("torch").dialect)
    assert "running_mean" in case_result.failed
    fresh()
    monkeypatch.setattr(sys, "argv", ["repro.py", str(kernels / "wrong.py")])
    put_again(tmp_path / "f", case_result, f"{kernels / 'wrong.py'}:batch_norm")
