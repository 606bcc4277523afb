"""A folder with kernels and other files, for commands to be run in."""

from pathlib import Path

import pytest
from commanding import DEMANDING, NULL, ODD, RIGHT, WRONG


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a right kernel, a wrong one, and files that are neither."""
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)
    (tmp_path / "demanding.py").write_text(DEMANDING)
    (tmp_path / "three.py").write_text("batch_norm = 3")
    (tmp_path / "broken.py").write_text("import nowhere_to_be_found")
    (tmp_path / "cut.json").write_text('{"schema": "bnparity-results/1", "run": {')
    (tmp_path / "other.json").write_text('{"schema": "something else"}')
    (tmp_path / "null.json").write_text(NULL)
    (tmp_path / "file").write_text("")
    (tmp_path / "odd.py").write_text(ODD)
    return tmp_path
