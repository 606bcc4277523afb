"""The adapter of PyTorch on each device: what holds without a GPU, and on one what the oracle says.

Where there is no CUDA device the last tests are skipped, with the reason.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from bnparity.backends.compiling import CompileClock
from bnparity.backends.formats import FORMATS
from bnparity.backends.load import load_target
from bnparity.backends.names import parse
from bnparity.backends.open import Opened, opened
from bnparity.backends.torch import BACKEND, CUDA, TorchBatchNorm
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.cases.strategies import space_of
from bnparity.judging.case_result import run_case, settings_of
from bnparity.judging.equal_calls import same_bits
from hypothesis import given, settings

torch = pytest.importorskip("torch", reason="torch is not installed")

TORCH = declaration("torch").dialect
VARIANTS = [
    *("", "native", "channels_last", "native,channels_last"),
    *("compile", "compile,channels_last", "functional", "exported"),
]
LAYERS = [name for name in VARIANTS if name not in ("", "functional", "exported")]


def called(backend: TorchBatchNorm, case: Case) -> dict[str, Any]:
    """Return what an adapter returns."""
    asked = settings_of(case)
    return backend(
        **vars(make_inputs(case)), training=asked.training, momentum=asked.momentum, eps=asked.eps
    )


@settings(max_examples=60)
@given(case=space_of(declaration("torch"), dtypes=FORMATS).strategy())
def test_native_path_on_the_cpu_is_the_torch_backend(case: Case) -> None:
    """To the bit: what differs between the two is the device, and cuDNN."""
    plain, native = called(BACKEND, case), called(replace(CUDA, device="cpu", native=True), case)
    assert plain.keys() == native.keys()
    for name, array in plain.items():
        assert same_bits(array, native[name]), name


def test_no_program_is_one_too_many_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the ninth would be run op by op, and what is compiled go unseen."""
    eager = partial(torch.compile, backend="eager", dynamic=False)  # which compiles nothing further
    monkeypatch.setattr(torch, "compile", eager)
    torch._dynamo.reset()  # what other tests compiled does not count
    counts = torch._dynamo.utils.counters["stats"]  # it has no other name
    before, compiled = counts["unique_graphs"], TorchBatchNorm(compiled=True)
    for batch in range(2, 13):
        called(compiled, Case(shape=(batch, 3), gradient=False))
    assert counts["unique_graphs"] - before == 11


def test_time_that_its_compiler_takes_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that compiles makes the clock go on."""
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    clock = CompileClock()
    before = clock.seconds
    called(TorchBatchNorm(compiled=True), Case(shape=(17, 3), gradient=False))
    assert clock.seconds > before


@pytest.mark.parametrize("native", [True, False])
def test_cudnn_is_off_during_a_native_call_alone(*, native: bool) -> None:
    """Forward and backward, and afterwards it is what it was."""
    seen, before = [], torch.backends.cudnn.enabled
    assert before
    note = torch.nn.modules.module.register_module_forward_pre_hook(
        lambda *_: seen.append(torch.backends.cudnn.enabled)
    )
    noted_backward = torch.nn.modules.module.register_module_full_backward_hook(
        lambda *_: seen.append(torch.backends.cudnn.enabled)
    )
    with note, noted_backward:
        called(replace(CUDA, device="cpu", native=native), Case(shape=(4, 3, 2)))
    assert seen == [not native] * 2
    assert torch.backends.cudnn.enabled == before


@pytest.mark.parametrize("variant", LAYERS)
def test_variant_of_cuda_is_a_variant_by_name(variant: str) -> None:
    """A name may say two things of a backend."""
    name = parse(f"torch-cuda[{variant}]")
    backend: Any = load_target(name.target, name.variant)
    assert backend.device == "cuda"
    assert backend.native == ("native" in variant)
    assert backend.compiled == ("compile" in variant)
    assert backend.channels_last == ("channels_last" in variant)


def test_absent_device_is_a_reason() -> None:
    """It names the installed torch, and whether that could use a device at all."""
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    built = torch.version.cuda is not None
    said = "finds no CUDA device" if built else "has no CUDA"
    assert CUDA.probe() == {"reason": f"torch {torch.__version__} {said}"}


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    """Return the name of a variant, empty for the bare backend."""
    return str(request.param)


@pytest.fixture(scope="module")
def on_device(variant: str) -> Iterator[Opened]:
    """Return a variant on the device, opened; skip where there is none."""
    with opened(parse(f"torch-cuda[{variant}]" if variant else "torch-cuda")) as backend:
        if backend.ask is None:
            pytest.skip(backend.reason)
        yield backend


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("dtype", "param_dtype"),
    [
        ("float32", "float32"),
        ("float64", "float64"),
        ("float16", "float32"),
        ("bfloat16", "float32"),
    ],
)
def test_results_on_a_device_are_accurate(
    on_device: Opened, variant: str, dtype: str, param_dtype: str, *, training: bool
) -> None:
    """Every output is within a bound, mixed formats too, but for sums of PyTorch's own."""
    assert on_device.ask is not None
    recipe = Recipe(seed=1, conditioning=1)
    case = Case(
        shape=(16, 24, 9, 8), dtype=dtype, param_dtype=param_dtype, training=training, recipe=recipe
    )
    found = run_case(on_device.ask, case, TORCH)
    assert found.fault is None
    assert {check.output for check in found.checks} == set(found.asked)
    narrow = {"grad_input", "grad_weight", "grad_bias"} if rounds_sums(variant, case) else set()
    assert {*found.failed} <= narrow
    assert bool(found.failed) == bool(narrow)


def rounds_sums(variant: str, case: Case) -> bool:
    """Return whether a call takes the kernel of PyTorch 2.11 that rounds its sums to 16 bits.

    It is the one for data whose channels come neither last nor are left to cuDNN.
    """
    cudnn = "native" not in variant and case.dtype == "float16" and case.training
    others = "channels_last" in variant or "compile" in variant
    return case.dtype in ("float16", "bfloat16") and not cudnn and not others


@pytest.mark.parametrize("layout", ["contiguous", "sliced"])
def test_mean_of_float16_data_with_gaps_is_rounded(
    on_device: Opened, variant: str, layout: Any
) -> None:
    """PyTorch 2.11 rounds that of data with gaps to float16: 100.03 to 100, with two values."""
    if "compile" in variant or "channels_last" in variant:
        pytest.skip("its data are made contiguous, in one format or the other")
    assert on_device.ask is not None
    recipe = Recipe(seed=5, scale=-1, conditioning=3)
    case = Case(shape=(2, 2), dtype="float16", layout=layout, recipe=recipe, gradient=False)
    found = run_case(on_device.ask, case, TORCH)
    assert found.fault is None
    assert ("output" in found.failed) == (layout == "sliced")


def test_bias_without_weight_has_no_gradient_on_a_device(on_device: Opened, variant: str) -> None:
    """PyTorch 2.11 makes the bias's gradient like the weight, which is not there."""
    if "compile" in variant or "channels_last" in variant:
        pytest.skip("it is asked with channels that come last")
    assert on_device.ask is not None
    found = run_case(on_device.ask, Case(shape=(4, 3), affine="bias"), TORCH)
    assert found.fault is not None
    assert "returned an invalid gradient at index 2" in found.fault.text


def test_results_on_a_device_come_back_as_arrays(on_device: Opened) -> None:
    """Of the shape and format of what they belong to, whatever the format on the device."""
    assert on_device.ask is not None
    case = Case(shape=(4, 3, 5, 2), dtype="bfloat16", layout="channels_last")
    reply = on_device.ask(vars(make_inputs(case)), settings_of(case))
    assert reply.fault is None
    assert all(type(array) is np.ndarray for array in reply.outputs.values())
