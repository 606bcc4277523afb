"""`bnparity differences`: exit codes, files, and one line for what is wrong."""

from pathlib import Path

import pytest
from bnparity.cli import run_command

#: Two frameworks that cannot be installed: nothing is asked, and the table says all.
TABLE = ["differences", "caffe", "darknet"]


def test_page_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file it is Markdown on standard output, with the way to convert."""
    assert run_command(TABLE) == 0
    printed = capsys.readouterr().out
    assert "# caffe and darknet" in printed
    assert "momentum_darknet = 1 - momentum_caffe" in printed
    assert "`eps_placement`" in printed


def test_files_are_written_in_both_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is told, and both hold the same title."""
    html, markdown = tmp_path / "page.html", tmp_path / "new" / "page.md"
    assert run_command([*TABLE, "--html", str(html), "--markdown", str(markdown)]) == 0
    assert capsys.readouterr().out == f"page: {html}\npage: {markdown}\n"
    assert "<h1>caffe and darknet</h1>" in html.read_text()
    assert "# caffe and darknet" in markdown.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["torch", "kears"], "did you mean keras"),
        (["torch.nn.BatchNorm4d", "keras"], "did you mean torch.nn.BatchNorm"),
        (["torch"], "Missing argument"),
        (["caffe", "darknet", "--html", "."], "is a folder"),
    ],
)
def test_wrong_words_are_2_and_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the value, and the remedy."""
    assert run_command(["differences", *words]) == 2
    out, line = capsys.readouterr()
    assert (out, line.count("\n")) == ("", 1)
    assert told in line
