"""The scripts of deviations, run as they are produced, where bnparity cannot be imported."""

import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends.call import Ask, in_process
from bnparity.backends.environments import interpreter_of
from bnparity.backends.formats import FORMATS
from bnparity.backends.names import parse
from bnparity.backends.open import Opened, opened
from bnparity.backends.torch import CUDA, TorchBatchNorm
from bnparity.cases.case import Case, Layout, Recipe, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.cases.strategies import space_of
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.equal_calls import same_bits
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.results.repro import of_torch
from bnparity.results.repro.folder import write_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from reproducing import (
    OURS,
    RIGHT,
    WRONG,
    accused,
    finding_of,
    printed,
    reproduced,
    run_script,
)

#: Wrong in its second call.
SECOND = """
calls = []

def second(*arrays, **settings):
    results = batch_norm(*arrays, **settings)
    calls.append(1)
    return {**results, "output": results["output"] + (len(calls) >= 2)}

second.outputs = batch_norm.outputs
"""


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a kernel that is wrong, and one that is right."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "wrong.py").write_text(WRONG)
    (folder / "right.py").write_text(RIGHT)
    return folder


@pytest.fixture(scope="module")
def wrong(kernels: Path) -> Iterator[Ask]:
    """Return the wrong kernel, opened in a worker."""
    with opened(parse(f"{kernels / 'wrong.py'}:batch_norm")) as backend:
        assert backend.ask is not None
        yield backend.ask


def agrees(text: str, case_result: CaseResult, output: str) -> bool:
    """Return whether a script printed what the harness has of the worst element, to the bit."""
    check = next(check for check in case_result.checks if check.output == output)
    told = printed(text)
    return (told["expected"], told["got"], told["ratio"]) == (
        repr(check.expected),
        repr(check.got),
        repr(check.ratio),
    )


def test_script_of_a_wrong_file_shows_it_and_that_it_is_mended(
    kernels: Path, wrong: Ask, tmp_path: Path
) -> None:
    """It exits 1 on the file that the finding names, and 0 on another that is right."""
    name = f"{kernels / 'wrong.py'}:batch_norm"
    case = Case(shape=(4, 2), gradient=False)
    case_result = reproduced(tmp_path / "f", wrong, case, name, output="running_mean")
    done = run_script(tmp_path / "f/repro.py", kernels / "wrong.py")
    assert done.returncode == 1, done
    assert agrees(done.stdout, case_result, "running_mean")
    mended = run_script(tmp_path / "f/repro.py", kernels / "right.py")
    assert mended.returncode == 0, mended
    assert "The deviation is gone." in mended.stdout


def test_script_without_its_file_asks_for_it(kernels: Path, wrong: Ask, tmp_path: Path) -> None:
    """Somebody else has the kernel elsewhere, or not at all: that is neither 0 nor 1."""
    name = f"{kernels / 'wrong.py'}:batch_norm"
    reproduced(tmp_path / "f", wrong, Case(gradient=False), name, output="running_mean")
    done = run_script(tmp_path / "f/repro.py", tmp_path / "nowhere.py")
    assert done.returncode == 2, done
    assert "path/to/file.py" in done.stdout


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_script_of_torch_needs_torch_alone(
    bn_opened: dict[str, Opened], tmp_path: Path, dtype: str
) -> None:
    """What PyTorch keeps for backward in half shows, in both half formats, without ml_dtypes."""
    ask = bn_opened["torch"].ask
    if ask is None:
        pytest.skip(bn_opened["torch"].reason)
    case = Case(shape=(16, 4), dtype=dtype, param_dtype=dtype)
    case_result = reproduced(tmp_path / "f", ask, case, "torch", output="grad_input")
    assert "grad_input" in case_result.failed
    done = run_script(tmp_path / "f/repro.py")
    assert done.returncode == 1, done
    assert agrees(done.stdout, case_result, "grad_input")


def test_script_of_torch_exits_0_where_torch_is_right(
    bn_opened: dict[str, Opened], tmp_path: Path
) -> None:
    """With parameters in float32 nothing deviates."""
    ask = bn_opened["torch"].ask
    if ask is None:
        pytest.skip(bn_opened["torch"].reason)
    case = Case(shape=(16, 4), dtype="float16")
    reproduced(tmp_path / "f", ask, case, "torch", output="grad_input")
    done = run_script(tmp_path / "f/repro.py")
    assert done.returncode == 0, done


@pytest.mark.parametrize("backend", ["mindspore", "mindspore[graph]"])
def test_script_of_mindspore_needs_mindspore_alone(
    bn_opened: dict[str, Opened], tmp_path: Path, backend: str
) -> None:
    """Moving statistics in float16 never move: its own interpreter, without bnparity, shows it."""
    ask = bn_opened[backend].ask
    if ask is None:
        pytest.skip(bn_opened[backend].reason)
    case = Case(shape=(8, 2, 3, 1, 2), dtype="float16", param_dtype="float16", momentum=0.5)
    case_result = reproduced(
        tmp_path / "f", ask, case, backend, output="running_var", dialect="mindspore"
    )
    assert "running_var" in case_result.failed
    python = interpreter_of("mindspore")
    done = run_script(tmp_path / "f/repro.py", interpreter=python, absent=OURS)  # it needs the rest
    assert done.returncode == 1, done
    assert agrees(done.stdout, case_result, "running_var")


def test_script_makes_the_calls_of_the_history(tmp_path: Path) -> None:
    """A kernel that is wrong in its second call alone is wrong there too, after the first."""
    (tmp_path / "second.py").write_text(RIGHT + SECOND)
    name = f"{tmp_path / 'second.py'}:second"
    case = Case(gradient=False, history=(Step(training=True, batch=2),))
    with opened(parse(name)) as backend:
        assert backend.ask is not None
        case_result = reproduced(tmp_path / "f", backend.ask, case, name, output="output")
    assert case_result.failed == ("output",)
    done = run_script(tmp_path / "f/repro.py", tmp_path / "second.py")
    assert done.returncode == 1, done
    assert agrees(done.stdout, case_result, "output")


@pytest.mark.parametrize("layout", get_args(Layout))
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_arguments_lie_in_memory_as_they_did(tmp_path: Path, layout: Layout, dtype: str) -> None:
    """Values, strides, and the distance from a cache line's edge are those of the harness."""
    case = Case(shape=(3, 4, 5), dtype=dtype, layout=layout, grad_layout="sliced")
    case_result = run_case(in_process(batch_norm), case, declaration("torch").dialect)
    write_folder(tmp_path, finding_of(case_result, "output"), accused(parse("numpy")))
    script = runpy.run_path(str(tmp_path / "repro.py"))
    stored = script["read"](tmp_path / "inputs.safetensors")
    made = script["arguments"](script["FINDING"]["calls"][-1], stored)
    for name, array in vars(case_result.inputs).items():
        assert made[name].strides == array.strides
        assert made[name].tobytes() == array.tobytes()
        assert made[name].flags.writeable
    offset = 4 * 5 * case_result.inputs.x.itemsize if layout == "offset" else None
    if offset is not None:
        assert made["x"].__array_interface__["data"][0] % 64 == offset % 64


def test_script_says_what_its_interpreter_lacks(kernels: Path, wrong: Ask, tmp_path: Path) -> None:
    """Without the framework nothing is asked, and the exit code is neither 0 nor 1."""
    reproduced(tmp_path / "f", wrong, Case(gradient=False), "numpy", output="output")
    done = run_script(tmp_path / "f/repro.py")  # the kernel called numpy is bnparity's own
    assert done.returncode == 2, done
    assert "numpy cannot be asked" in done.stdout


def test_script_for_a_device_says_that_there_is_none(tmp_path: Path) -> None:
    """It needs PyTorch alone, and asks nothing of it where the finding's device is missing."""
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    ask, name = in_process(batch_norm), "torch-cuda[native,channels_last]"
    reproduced(tmp_path / "f", ask, Case(shape=(4, 2, 3, 3)), name, output="output")
    assert "it takes NumPy and torch:" in (tmp_path / "f/repro.py").read_text()
    done = run_script(tmp_path / "f/repro.py")
    assert done.returncode == 2, done
    assert f"{name} cannot be asked" in done.stdout


@pytest.mark.parametrize("variant", ["", "native", "channels_last", "native,channels_last"])
def test_script_of_a_device_makes_the_call_of_the_adapter(variant: str) -> None:
    """To the bit, where both are kept on the CPU: the memory format, and what cuDNN may do."""
    pytest.importorskip("torch")
    variants = {"": CUDA, **CUDA.variants}
    inputs = vars(make_inputs(Case(shape=(4, 2, 3, 3))))
    given: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}
    native = variants[variant]
    assert isinstance(native, TorchBatchNorm)
    want = replace(native, device="cpu")(**inputs, **given)
    got = of_torch.batch_norm(**inputs, **given, variant=variant, device="cpu")
    for name, array in want.items():
        assert same_bits(array, got[name]), name


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
