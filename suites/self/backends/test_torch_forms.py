"""Other ways to PyTorch's operation than its layers, as variants of its backend."""

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.libraries.torch_forms import forms
from bnparity.backends.load import capabilities, load_target
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import run_case

pytest.importorskip("torch", reason="torch is not installed")
BACKEND = "bnparity.backends.torch:BACKEND"

#: Ways that have no training.
OF_EVAL = ("folded", "onnx")


@pytest.mark.parametrize("way", sorted({*forms("cpu").ways} - {"folded,transposed"}))
def test_plain_data_are_judged_as_the_layers_are(way: str) -> None:
    """No output is wrong, and what the way provides is checked, gradients and statistics too."""
    if way == "onnx":
        pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    backend = load_target(BACKEND, way)
    said = capabilities(backend)
    case = Case(shape=(4, 3, 2, 2), training=way not in OF_EVAL)
    case_result = run_case(in_process(backend), case, declaration(said["dialect"]).dialect)
    assert case_result.fault is None
    assert case_result.failed == ()
    assert {check.output for check in case_result.checks} >= {*said["outputs"]}


def test_transposed_convolution_of_one_channel_is_folded() -> None:
    """Of several channels PyTorch's own folding makes no layer that can be called."""
    asked = Case(shape=(4, 1, 2), training=False)
    ask, dialect = in_process(load_target(BACKEND, "folded,transposed")), declaration("torch")
    assert run_case(ask, asked, dialect.dialect).failed == ()
