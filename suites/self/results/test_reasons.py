"""Why an expected value is expected is said for every output, with the document that says so."""

from dataclasses import replace

import pytest
from bnparity.cases.case import Case
from bnparity.cases.frameworks import FRAMEWORKS
from bnparity.results.reasons import reasons
from bnparity_reference import OUTPUTS

#: Those whose own documents are named.
DOCUMENTED = {name: FRAMEWORKS[name] for name in ("torch", "mindspore")}


def told(output: str, codes: tuple[str, ...], case: Case, name: str) -> str:
    """Return the sentences in one text."""
    return "\n".join(reasons(output, codes, case, DOCUMENTED[name].dialect, name))


@pytest.mark.parametrize("name", DOCUMENTED)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("training", [False, True])
def test_every_output_has_a_reason_and_a_document(name: str, output: str, training: bool) -> None:
    """A sentence at least besides the address, in either mode."""
    first, *_, address = reasons(
        output, (), Case(training=training), DOCUMENTED[name].dialect, name
    )
    assert "https://" in address
    assert first != address


@pytest.mark.parametrize("name", DOCUMENTED)
@pytest.mark.parametrize(
    "field", ["momentum", "running_variance", "normalizing_variance", "eps_placement", "eps"]
)
def test_convention_that_a_code_names_is_explained(name: str, field: str) -> None:
    """What explains what a backend does instead is what needs a reason."""
    alone = told("output", (f"{field}=something",), Case(), name).splitlines()
    assert len(alone) == 2


def test_reason_quotes_the_document_that_states_it() -> None:
    """The statement, the title and the address of a page on MindSpore's momentum."""
    text = told("running_mean", ("momentum=new",), Case(shape=(2, 1, 1, 1)), "mindspore")
    assert '"momentum_pytorch = 1 - momentum_mindspore" (Differences with torch.nn.' in text
    assert "pytorch_diff/BatchNorm2d.md" in text


def test_nan_of_an_empty_batch_has_a_reason() -> None:
    """Nobody expects a running mean that is no number."""
    empty = replace(Case(), shape=(0, 1))
    assert "no values is 0 / 0, so they become NaN" in told("running_mean", (), empty, "mindspore")
