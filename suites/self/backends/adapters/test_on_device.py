"""Functions and layers of PyTorch's tensors on a device that their author or user says."""

from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.call import Ask, in_process
from bnparity.backends.errors import UsageError
from bnparity.backends.load import capabilities, load_target, probe
from bnparity.backends.names import parse
from bnparity.backends.open import opened
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case

torch = pytest.importorskip("torch", reason="torch is not installed")

TORCH = declaration("torch").dialect
KERNELS = Path(__file__).parents[2] / "authored/on_device.py"
TARGETS = ("batch_norm", "functional", "Layer")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


def judged(ask: Ask, case: Case) -> CaseResult:
    """Return what is made of a case."""
    return run_case(ask, case, TORCH)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("layout", ["contiguous", "sliced", "channels_last"])
def test_tensors_are_on_the_device_that_is_said(name: str, layout: Any) -> None:
    """In brackets, for a function of the contract, one of PyTorch's own form, and a layer."""
    backend = load_target(f"{KERNELS}:{name}", "device=cpu:0")
    case_result = judged(in_process(backend), Case(shape=(4, 3, 5, 2), layout=layout))
    assert case_result.fault is None
    assert case_result.failed == ()
    assert {check.output for check in case_result.checks} == set(case_result.asked)
    assert probe(backend)["device"] == "cpu:0"


def test_author_says_the_device_by_an_attribute() -> None:
    """What else is said by attributes is said still."""
    backend: Any = load_target(f"{KERNELS}:said", "")
    assert probe(backend)["device"] == "cpu:0"
    said = capabilities(backend)
    assert said["dtypes"] == ["float32", "float16"]
    assert said["taken_for"] == "a function of PyTorch's tensors on cpu:0"


def test_what_a_kernel_writes_on_its_device_is_a_finding() -> None:
    """Its arguments are not its own there either."""
    backend = load_target(f"{KERNELS}:writing", "device=cpu:0")
    fault = judged(in_process(backend), Case(shape=(4, 3), layout="sliced")).fault
    assert fault is not None
    assert (fault.kind, fault.text) == ("mutation", "the call wrote to its input x")


@pytest.mark.parametrize("name", TARGETS)
def test_absent_device_is_a_reason(name: str) -> None:
    """Of the function or layer, before it is called."""
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with opened(parse(f"{KERNELS}:{name}[device=cuda]")) as backend:
        assert backend.ask is None
        assert backend.reason.startswith(f"torch {torch.__version__} ")


@pytest.mark.parametrize(
    ("target", "variant", "said"),
    [
        (f"{KERNELS}:batch_norm", "device=cuba", "device=cuba: 'cuba' is no device"),
        (f"{KERNELS}:forward", "device=cuda", "is a forward-backward, which computes where"),
        (f"{KERNELS}:batch_norm", "divice=cuda", r"\(did you mean device\?\)"),
    ],
)
def test_device_that_cannot_be_is_told(target: str, variant: str, said: str) -> None:
    """In one line that says what to write."""
    with pytest.raises(UsageError, match=said):
        load_target(target, variant)


@needs_cuda
@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("layout", ["contiguous", "sliced", "offset"])
def test_results_on_cuda_are_accurate(name: str, layout: Any) -> None:
    """Whatever way the device was said, each output is within a bound."""
    with opened(parse(f"{KERNELS}:{name}[device=cuda]")) as backend:
        assert backend.ask is not None, backend.reason
        assert "CUDA" in backend.device
        case_result = judged(backend.ask, Case(shape=(4, 3, 5, 2), layout=layout))
    assert case_result.fault is None
    assert case_result.failed == ()


@needs_cuda
def test_memory_access_that_loses_the_device_is_one_fault() -> None:
    """The case that does it has it, and none that comes after."""
    with opened(parse(f"{KERNELS}:losing[device=cuda]")) as backend:
        assert backend.ask is not None, backend.reason
        fault = judged(backend.ask, Case(shape=(4, 3, 5, 2))).fault
        assert fault is not None
        assert "CUDA error" in fault.text
        assert judged(backend.ask, Case(shape=(4, 3))).fault is None


@needs_cuda
def test_load_that_wants_alignment_is_found() -> None:
    """A batch without the first item of its memory begins where four numbers at once do not."""
    with opened(parse(f"{KERNELS}:aligned[device=cuda]")) as backend:
        assert backend.ask is not None, backend.reason
        assert judged(backend.ask, Case(shape=(4, 4))).failed == ()
        case_result = judged(backend.ask, Case(shape=(4, 3), layout="offset"))
    assert case_result.fault is not None or case_result.failed
