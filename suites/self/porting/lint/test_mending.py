"""What --fix writes, and what a comment allows."""

from pathlib import Path

import pytest
from bnparity.porting import mend_file
from linted import codes, linting

EDITS = {
    "import torch\ntorch.nn.BatchNorm2d(8, momentum=0.9)  # as before\n": (
        "import torch\ntorch.nn.BatchNorm2d(8, momentum=0.1)  # as before\n"
    ),
    "from mindspore.nn import BatchNorm2d as B\nx = [B(8, 1e-5, 0.1), B(8, momentum=.01)]\n": (
        "from mindspore.nn import BatchNorm2d as B\nx = [B(8, 1e-5, 0.9), B(8, momentum=0.99)]\n"
    ),
    "from keras.layers import BatchNormalization as B\r\nB(eps=1e-5)\r\n": (
        "from keras.layers import BatchNormalization as B\r\nB(epsilon=1e-5)\r\n"
    ),
    "from torch import nn\né = nn.BatchNorm2d('é', epsilon=1e-3, momentum=0.99)\n": (
        "from torch import nn\né = nn.BatchNorm2d('é', eps=1e-3, momentum=0.01)\n"
    ),
}


@pytest.mark.parametrize("source", EDITS)
def test_only_what_is_certain_changes(source: str, tmp_path: Path) -> None:
    """The number or the name is written anew, and every other byte stays."""
    file = tmp_path / "model.py"
    file.write_bytes(source.encode())
    mended = mend_file(file, linting())
    assert mended is not None
    assert mended.data == EDITS[source].encode()


def test_defaults_of_the_original_are_written(tmp_path: Path) -> None:
    """Where the original is named, both arguments that were left out are added."""
    file = tmp_path / "model.py"
    file.write_text("import torch\ntorch.nn.BatchNorm2d(\n    8,\n)\n")
    mended = mend_file(file, linting(ported_from="keras"))
    assert mended is not None
    added = b"torch.nn.BatchNorm2d(\n    8, eps=0.001, momentum=0.01,\n)\n"
    assert mended.data == b"import torch\n" + added


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.nn.BatchNorm2d(8, momentum=0.7)",
        "import torch\nM = 0.9\ntorch.nn.BatchNorm2d(8, momentum=M)",
        "import torch\ntorch.nn.BatchNorm2d(8, 0.9)",
    ],
)
def test_what_is_not_certain_stays(source: str, tmp_path: Path) -> None:
    """It is told, and not changed."""
    assert len(codes(source, tmp_path)) == 1
    assert mend_file(tmp_path / "model.py", linting()) is None


LINE = "import torch\ntorch.nn.BatchNorm2d(8, momentum=0.9)"


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: BN101", "# NOQA: E501, BN101"])
def test_comment_allows_a_mistake(comment: str, tmp_path: Path) -> None:
    """With no code, or with its own among others."""
    assert codes(f"{LINE}  {comment}", tmp_path) == []


@pytest.mark.parametrize("comment", ["# noqa: BN102", "# noqas", "# no qa"])
def test_comment_on_another_thing_allows_nothing(comment: str, tmp_path: Path) -> None:
    """Another rule's code, and what only looks like such a comment."""
    assert codes(f"{LINE}  {comment}", tmp_path) == ["BN101"]


UNREAD = {
    b"def f(:\n": "has at line 1",
    b"\x7fELF\0\0": "binary",
    b"# coding: nonsense\n": "encoding",
    b"x = '\xff'\n": "encoding",
    b"#" * (5 << 20): "larger than 4 MiB",
    b"(" * 5000: "not read",
}


@pytest.mark.parametrize("data", UNREAD, ids=lambda data: data[:8].hex())
def test_what_is_no_python_is_one_mistake(data: bytes, tmp_path: Path) -> None:
    """It says why, in one line, and nothing is raised."""
    from bnparity.porting import lint_file

    file = tmp_path / "model.py"
    file.write_bytes(data)
    (mistake,) = lint_file(file, linting())
    assert mistake.code == "BN100"
    assert UNREAD[data] in mistake.message
    assert "\n" not in mistake.message
