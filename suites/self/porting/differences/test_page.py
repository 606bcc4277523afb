"""A page of two sides: what is seen counts, what is not is told, and both formats hold the same."""

import numpy as np
import pytest
from bnparity.backends import UsageError
from bnparity.porting.differences import asking
from bnparity.porting.differences.asking import Seen, seen
from bnparity.porting.differences.blocks import Code, Heading, Items, Page, Paragraph, Table
from bnparity.porting.differences.conventions import differing, rows
from bnparity.porting.differences.html import as_html
from bnparity.porting.differences.markdown import as_markdown
from bnparity.porting.differences.parameters import Known
from bnparity.porting.differences.parameters import rows as parameter_rows
from bnparity.porting.differences.sections import page_of
from bnparity.porting.differences.side import side_called

PAGE = Page(
    command="bnparity differences a b",
    blocks=(
        Heading(text="a and b", level=1),
        Paragraph(text="It is `x < y`."),
        Items(texts=("one", "`two`")),
        Table(columns=("p", "q"), rows=(("1 | 2", "<b>"),)),
        Code(text="print(1 < 2)\n", language="python"),
    ),
)


def known(name: str, found: Seen | None = None) -> Known:
    """Return a side by its name, and what was seen of it."""
    return Known(side=side_called(name), seen=found)


def test_markdown_keeps_cells_apart() -> None:
    """A stroke in a cell is no end of it, and code is fenced."""
    text = as_markdown(PAGE)
    assert "| 1 \\| 2 | <b> |" in text
    assert "```python\nprint(1 < 2)\n```" in text
    assert "- `two`" in text


def test_html_shows_text_as_text() -> None:
    """What looks like a tag is escaped, and code is marked."""
    text = as_html(PAGE)
    assert "<code>x &lt; y</code>" in text
    assert "<td>&lt;b&gt;</td>" in text
    assert "<h1>a and b</h1>" in text
    assert "<title>a and b</title>" in text


def test_side_is_a_framework_or_a_class() -> None:
    """Either names it, and a class of Keras in TensorFlow is the same class."""
    assert side_called("torch") != side_called("torch.nn.BatchNorm1d")
    assert side_called("tensorflow.keras.layers.BatchNormalization").framework == "keras"
    assert side_called("caffe").constructor is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [("kears", "keras"), ("torch.nn.BatchNorm2", "torch.nn.BatchNorm2d"), ("numpy.mean", "")],
)
def test_unknown_name_is_told(name: str, meant: str) -> None:
    """With what was probably meant."""
    with pytest.raises(UsageError, match=f"{name}.*{meant}"):
        side_called(name)


def test_parameters_are_matched_by_what_they_are_for() -> None:
    """Eps is epsilon, and what only one side has is told."""
    found = {row[0]: row for row in parameter_rows(known("torch"), known("keras"))}
    assert found["`eps=1e-05`"][1:3] == ("`epsilon=0.001`", "another name, another default")
    assert found["`momentum=0.1`"][2] == "another default, see Momentum"
    assert found["`device`"][1] == "-"


def test_conventions_that_differ_are_those_of_the_table() -> None:
    """PyTorch and tinygrad differ where no number decides, PyTorch and itself nowhere."""
    assert differing(known("torch"), known("torch")) == []
    assert differing(known("torch"), known("tinygrad")) == [
        "momentum_none",
        "empty_batch",
        "single_value",
    ]


def example(ones: float) -> Seen:
    """Return what PyTorch's example would leave, with this running variance."""
    x = np.array([[[-1.0]], [[1.0]]], np.float32)
    arrays = {
        "x": x,
        "output": (x / np.sqrt(1.001)).astype(np.float32),
        "running_mean": np.zeros(1, np.float32),
        "running_var": np.array([ones], np.float32),
    }
    return Seen(version="torch 0", printed="printed\n", arrays=arrays)


def test_example_shows_the_convention_that_it_follows() -> None:
    """An unbiased running variance is told from a biased one by the ratios of both."""
    unbiased = known("torch", example(0.8 + 0.2 * 2.0))
    row = next(r for r in rows(unbiased, known("tvm")) if r[0] == "`running_variance`")
    assert "torch.nn.BatchNorm2d, its example: ratio 0" in row[3]
    assert "the table: run by the suites" in row[3]


def test_wrong_example_is_no_pass() -> None:
    """The accuracy is that of what was printed, and not what was declared."""
    text = as_markdown(page_of(known("torch", example(1.0)), known("keras")))
    assert "| fail, ratio " in text
    assert "the table" in text


def test_what_cannot_be_asked_says_why() -> None:
    """A framework that is not installed has a reason, and its row of the table."""
    side = side_called("mxnet")
    found = seen([side])[side]
    text = as_markdown(page_of(known("torch"), known("mxnet", found)))
    assert "could not be asked (No module named 'mxnet')" in text
    assert "axis" in text


@pytest.mark.parametrize(
    ("interpreter", "reason"),
    [("/nowhere/python", "/nowhere/python cannot be started"), ("/bin/false", "ended with 1")],
)
def test_interpreter_that_gives_no_answer_says_why(
    interpreter: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is gone, and one that ends at once."""
    monkeypatch.setattr(asking, "interpreter_of", lambda _: interpreter)
    side = side_called("torch")
    assert reason in seen([side])[side].refused
