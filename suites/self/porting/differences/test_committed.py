"""The committed pages say what is declared, and what is measured now."""

import re
import sys
from pathlib import Path

import pytest
from bnparity.backends import interpreter_of
from bnparity.porting.claims.pages import PAGES
from bnparity.porting.differences.blocks import Page
from bnparity.porting.differences.committed import COMMITTED, written
from bnparity.porting.differences.markdown import as_markdown
from bnparity.porting.differences.parameters import Known
from bnparity.porting.differences.sections import page_of

FOLDER = Path(__file__).parents[4] / "documentation" / "differences"
TEXTS = {path.name: path.read_text() for path in FOLDER.glob("*.md") if path.name != "README.md"}

#: Figures that differ from one machine to the next, and what is worst by them.
_FIGURES = re.compile(r"(ratio|ratio of|computes|printed|up to) (-?[\d.]+(e[+-]\d+)?)( in \w+)?")
_REMEDY = "if the change is right, make pages"


def unseen(file: str) -> str:
    """Return a page made of what is declared alone, without asking anybody."""
    one, other = COMMITTED[file]
    return as_markdown(page_of(Known(side=one, seen=None), Known(side=other, seen=None)))


def section(text: str, title: str) -> list[str]:
    """Return the lines below a heading that begins so, up to the next."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"## {title}")) + 1
    rest = lines[start:]
    return rest[: next((n for n, line in enumerate(rest) if line.startswith("## ")), len(rest))]


def facts(text: str, title: str) -> list[str]:
    """Return the lines of a section without what stands behind them."""
    lines = [line for line in section(text, title) if not line.startswith("Behind it")]
    return [line.rpartition(" | ")[0] if line.startswith("| ") else line for line in lines if line]


@pytest.mark.parametrize("file", COMMITTED)
@pytest.mark.parametrize("title", ["Momentum", "What they", "Defaults", "How to convert"])
def test_page_says_what_is_declared(file: str, title: str) -> None:
    """Conventions, defaults, modes and conversions are those of the table of frameworks."""
    assert facts(TEXTS[file], title) == facts(unseen(file), title), _REMEDY


def test_every_class_of_the_documents_has_its_page() -> None:
    """Both APIs class by class, and PyTorch with each other framework; no page is left over."""
    compared = {one.kind for one, other in COMMITTED.values() if other.framework == "mindspore"}
    assert compared == {page.kind for page in PAGES}
    assert set(TEXTS) == set(COMMITTED)
    index = (FOLDER / "README.md").read_text()
    assert re.findall(r"\((.*\.md)\)", index) == list(COMMITTED)


def test_pages_say_what_is_measured() -> None:
    """Signatures, printed outputs, verdicts and the claims are those of what is installed."""
    for framework in ("mindspore", "jax"):
        if interpreter_of(framework) == sys.executable:
            pytest.skip(f"{framework} has no interpreter here: bnparity env create {framework}")
    for file, text in written(list(COMMITTED)).items():
        assert masked(TEXTS[file]) == masked(text), f"{file}: {_REMEDY}"


def masked(text: str) -> list[str]:
    """Return the lines of a page without figures of this machine."""
    return [_FIGURES.sub(r"\1", line) for line in text.splitlines()]


def test_figures_alone_are_masked() -> None:
    """A verdict and a default are compared, a ratio is not."""
    assert masked("fail, ratio 7.1 in output; eps=2") == masked("fail, ratio 8e+07; eps=2")
    assert masked("fail, ratio 7.1") != masked("pass, ratio 7.1")


def test_titles_are_those_of_the_sides() -> None:
    """A page names the two that it compares."""
    one, other = COMMITTED["torch-keras.md"]
    page: Page = page_of(Known(side=one, seen=None), Known(side=other, seen=None))
    assert page.title == "torch.nn.BatchNorm2d and keras.layers.BatchNormalization"
