"""The code examples of the documents that compare PyTorch and MindSpore, run as they stand.

What the installed framework prints today, and what the document printed then, are both judged by
the oracle: last digits differ between versions and machines, the bound says by how much they may.
"""

import subprocess

import pytest
from bnparity.backends import Opened, interpreter_of
from bnparity.judging import TIGHT
from bnparity.porting import EXAMPLES, Example, printed_ratio

pytestmark = pytest.mark.bn_about("torch", "mindspore")

each_example = pytest.mark.parametrize(
    "example",
    [pytest.param(e, id=e.file, marks=pytest.mark.bn_about(e.api)) for e in EXAMPLES],
)


def test_every_example_is_run() -> None:
    """No file of an example lies unused."""
    folder = EXAMPLES[0].path.parent
    assert {file.name for file in folder.glob("*.py")} == {example.file for example in EXAMPLES}


@each_example
def test_framework_prints_what_the_oracle_says(
    example: Example, bn_opened: dict[str, Opened]
) -> None:
    """The installed framework, given the document's code, prints the oracle's result."""
    if reason := bn_opened[example.api].reason:
        pytest.skip(reason)
    command = [interpreter_of(example.api), str(example.path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert printed_ratio(run.stdout, example) <= TIGHT, run.stdout


@each_example
def test_document_prints_what_the_oracle_says(example: Example) -> None:
    """The output printed in the document is the oracle's result."""
    assert printed_ratio(example.output, example) <= TIGHT, example.output


@pytest.mark.bn_about("torch")
def test_name_of_the_backward_node_is_out_of_date(bn_opened: dict[str, Opened]) -> None:
    """PyTorch 1.5 printed NativeBatchNormBackward, as r1.10 has it; since then it has a number."""
    if reason := bn_opened["torch"].reason:
        pytest.skip(reason)
    (example,) = (e for e in EXAMPLES if e.file == "torch_batchnorm2d_r1_10.py")
    command = [interpreter_of("torch"), str(example.path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "grad_fn=<NativeBatchNormBackward>" in example.output
    assert "grad_fn=<NativeBatchNormBackward0>" in run.stdout
