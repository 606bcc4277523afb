"""The scripts of deviations, run as they are produced, where bnparity cannot be imported."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from bnparity.backends.call import Ask, in_process
from bnparity.backends.environments import interpreter_of
from bnparity.backends.names import parse
from bnparity.backends.open import Opened, opened
from bnparity.backends.torch import CUDA, TorchBatchNorm
from bnparity.cases.case import Case, Layout, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case
from bnparity.judging.equal_calls import same_bits
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.results.repro import of_torch
from bnparity.results.repro.folder import write_folder
from reproducing import (
    OURS,
    RIGHT,
    accused,
    agrees,
    finding_of,
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
