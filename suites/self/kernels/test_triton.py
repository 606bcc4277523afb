"""The Triton kernel, judged in Triton's interpreter, and on a CUDA device where there is one."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import Ask
from bnparity.backends.formats import FORMATS
from bnparity.backends.names import parse
from bnparity.backends.open import Opened, opened
from bnparity.cases.case import Case, Layout, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import CaseResult, run_case, settings_of

pytest.importorskip("triton", reason="triton is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

# Before any test sets what Triton reads when it is imported.
from bnparity.kernels.triton_tensors import batch_norm, reason  # noqa: E402

TORCH = declaration("torch").dialect

#: Data that differ in how they are cut.
CUTS: dict[str, tuple[tuple[int, ...], Layout]] = {
    "planes, whole": ((20, 3, 6, 7), "contiguous"),
    "planes in parts": ((5, 2, 70, 60), "contiguous"),
    "one long row": ((1, 1, 40_000), "contiguous"),
    "columns, whole": ((90, 20), "contiguous"),
    "columns in parts": ((2500, 5), "contiguous"),
    "two rows": ((2, 3000), "contiguous"),
    "channels last, whole": ((3, 20, 6, 5), "channels_last"),
    "channels last in parts": ((6, 20, 14, 15), "channels_last"),
    "gaps": ((4, 3, 9, 10), "sliced"),
    "gaps in parts": ((6, 2, 40, 45), "sliced"),
    "axes apart": ((3, 2, 8, 9, 10), "sliced"),
    "transposed": ((4, 3, 9, 10), "transposed"),
    "many parts": ((4200, 20), "contiguous"),
    "broadcast": ((6, 3, 8, 9), "broadcast"),
}
each_cut = pytest.mark.parametrize("cut", CUTS)

#: A backend of its own: the kernel, with one of its modules read from an edited copy.
EDITED = """
import importlib.util
import sys

spec = importlib.util.spec_from_file_location("bnparity.kernels.{module}", {path!r})
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)

from bnparity.kernels.triton import batch_norm
"""


def edited(folder: Path, module: str, before: str, after: str) -> str:
    """Return the name of a backend whose `module` has one text for another."""
    from bnparity import kernels

    source = (Path(kernels.__file__).parent / f"{module}.py").read_text()
    assert source.count(before) == 1, before
    (folder / f"{module}.py").write_text(source.replace(before, after))
    path = folder / "edited.py"
    path.write_text(EDITED.format(module=module, path=str(folder / f"{module}.py")))
    return f"{path}:batch_norm"


@pytest.fixture(scope="module")
def interpreted() -> Iterator[Opened]:
    """Return the kernel, opened in a process whose Triton interprets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_INTERPRET", "1")
        with opened(parse("triton")) as backend:
            yield backend


@pytest.fixture(scope="module")
def ask(interpreted: Opened) -> Ask:
    """Return what asks the interpreted kernel."""
    assert interpreted.ask is not None, interpreted.reason
    return interpreted.ask


def case(cut: str, dtype: str = "float32", conditioning: int = 6) -> Case:
    """Return a case of data far from zero, cut in one of the ways."""
    shape, layout = CUTS[cut]
    narrow = dtype in ("float16", "bfloat16")
    return Case(
        shape=shape,
        dtype=dtype,
        param_dtype="float64" if dtype == "float64" else "float32",
        layout=layout,
        grad_layout=layout,
        recipe=Recipe(seed=1, conditioning=1 if narrow else conditioning),
    )


def verdicts(found: CaseResult) -> set[str]:
    """Return the verdicts on every output that was asked for."""
    assert found.fault is None, found.fault
    assert {check.output for check in found.checks} == set(found.asked)
    return {check.verdict for check in found.checks}


def test_kernel_names_its_interpreter(interpreted: Opened) -> None:
    """What it runs on is no GPU, and it says so."""
    assert interpreted.device == "cpu (Triton's interpreter)"


def test_without_a_gpu_it_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason says what is missing, and what to set to have it all the same."""
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    with opened(parse("triton")) as backend:
        assert backend.ask is None
        assert re.search("CUDA.*; set TRITON_INTERPRET=1 to have", backend.reason)


def test_tensor_on_the_cpu_is_refused() -> None:
    """Without an interpreter no kernel reads it: the message says what to give."""
    if not reason():
        pytest.skip("kernels run here")
    given: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}
    with pytest.raises(ValueError, match="x is on cpu: give a tensor on a CUDA device"):
        batch_norm(torch.ones(2, 1), None, None, None, None, **given)


@each_cut
@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("training", [True, False])
def test_kernels_are_accurate(ask: Ask, cut: str, dtype: str, *, training: bool) -> None:
    """Every output is within the tight bound, however the data lie and whatever their format."""
    found = run_case(ask, replace(case(cut, dtype), training=training), TORCH)
    assert verdicts(found) == {"pass"}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_parameters_may_be_halves(ask: Ask, dtype: str) -> None:
    """And running statistics with them."""
    found = run_case(ask, replace(case("planes, whole", dtype), param_dtype=dtype), TORCH)
    assert verdicts(found) == {"pass"}


@pytest.mark.parametrize(
    "asked",
    [
        Case(shape=(8, 3, 4), tracked=False, training=False),
        Case(shape=(8, 3, 4), affine="none"),
        Case(shape=(8, 3, 4), affine="weight"),
        Case(shape=(8, 3, 4), affine="bias", gradient=False),
        Case(shape=(8, 3, 4), momentum=None, eps=2.5),
        Case(shape=(8, 3, 4), eps=0.0),
        Case(shape=(8, 3, 4), momentum=1.0, calls=2),
        Case(shape=(4, 3, 4), recipe=Recipe(values="outlier", conditioning=2)),
        Case(shape=(4, 3, 4), recipe=Recipe(values="constant", conditioning=4)),
    ],
)
def test_arguments_have_their_effect(ask: Ask, asked: Case) -> None:
    """Absent parameters and statistics, momentum None, eps 0 and beyond 1."""
    assert verdicts(run_case(ask, asked, TORCH)) == {"pass"}


@pytest.mark.parametrize("values", ["nan", "infinite", "subnormal", "huge"])
@pytest.mark.parametrize("dtype", FORMATS)
def test_ends_of_a_format_are_what_ieee_says(ask: Ask, values: Any, dtype: str) -> None:
    """NaN and infinity stay in their channel; subnormal and huge values are values."""
    asked = replace(case("planes, whole", dtype), recipe=Recipe(values=values))
    assert run_case(ask, asked, TORCH).failed == ()


@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
@pytest.mark.parametrize("cut", ["planes, whole", "columns in parts"])
def test_mean_of_an_infinity_is_infinite(ask: Ask, cut: str, infinity: float) -> None:
    """What corrects a mean does not turn it into NaN; the variance is NaN."""
    asked = case(cut, conditioning=1)
    inputs = make_inputs(asked)
    inputs.x[2, 0] = infinity
    got = ask(vars(inputs), settings_of(asked)).outputs
    assert got["running_mean"][0] == infinity
    assert np.isnan(got["running_var"][0])
    assert np.isfinite([got["running_mean"][1], got["running_var"][1]]).all()


def test_no_values_leave_what_there_was(ask: Ask) -> None:
    """Of an empty batch statistics stay as they are, and gradients of parameters are 0."""
    asked = Case(shape=(0, 3, 2))
    inputs = make_inputs(asked)
    assert inputs.running_var is not None
    reply = ask(vars(inputs), settings_of(asked))
    assert reply.fault is None
    assert reply.outputs["running_var"].tolist() == inputs.running_var.tolist()
    assert not reply.outputs["grad_weight"].any()
    assert reply.outputs["grad_input"].shape == (0, 3, 2)


@each_cut
def test_equal_calls_have_equal_results(ask: Ask, cut: str) -> None:
    """To the bit: no sum depends on which program is done first."""
    assert run_case(ask, replace(case(cut), calls=2), TORCH).fault is None


@pytest.fixture
def interpreting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that are started interpret."""
    monkeypatch.setenv("TRITON_INTERPRET", "1")


@pytest.mark.usefixtures("interpreting")
@pytest.mark.parametrize("cut", ["planes in parts", "columns in parts", "gaps in parts"])
def test_parts_of_several_tiles_are_accurate(tmp_path: Path, cut: str) -> None:
    """Of data so large that no program has one tile alone: here, because few programs are made."""
    name = edited(tmp_path, "triton_views", "PARTS = 8192", "PARTS = 4")
    with opened(parse(name)) as backend:
        assert backend.ask is not None
        assert verdicts(run_case(backend.ask, case(cut), TORCH)) == {"pass"}


@pytest.mark.usefixtures("interpreting")
@pytest.mark.parametrize(
    ("module", "before", "after", "output"),
    [
        ("triton_loops", "squares + counts * between * between", "squares", "running_var"),
        ("triton_loops", "2 * plane, m2,", "2 * plane, m2 * 0.0,", "running_var"),
        ("triton_loops_backward", "plane, mask=mask", "0 * plane, mask=mask", "grad_weight"),
        ("triton_tiles", "tl.minimum(columns - j * cut.width, cut.width)", "cut.width", "output"),
    ],
)
def test_planted_fault_is_caught(
    tmp_path: Path, module: str, before: str, after: str, output: str
) -> None:
    """What merging or cutting does wrong is seen in data that are cut into parts: no ``pass``."""
    with opened(parse(edited(tmp_path, module, before, after))) as backend:
        assert backend.ask is not None
        found = run_case(backend.ask, case("planes in parts", conditioning=0), TORCH)
    assert "pass" not in {check.verdict for check in found.checks if check.output == output}
    assert found.fault is None


@pytest.mark.usefixtures("interpreting")
def test_tensors_are_handled_as_arrays_are() -> None:
    """The tests of the kernel on tensors pass in a process that interprets."""
    tests = Path(__file__).with_name("test_triton_tensors.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


@pytest.fixture(scope="module")
def on_device() -> Iterator[Ask]:
    """Return what asks the kernel on a CUDA device; skip where there is none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TRITON_INTERPRET", raising=False)
        with opened(parse("triton")) as backend:
            if backend.ask is None:
                pytest.skip(backend.reason)
            yield backend.ask


@each_cut
@pytest.mark.parametrize("dtype", FORMATS)
def test_kernels_are_accurate_on_a_device(on_device: Ask, cut: str, dtype: str) -> None:
    """As in the interpreter."""
    assert verdicts(run_case(on_device, replace(case(cut, dtype), calls=2), TORCH)) == {"pass"}
