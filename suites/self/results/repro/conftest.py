"""A kernel that is wrong and one that is right, which scripts of findings are run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bnparity.backends.call import Ask
from bnparity.backends.names import parse
from bnparity.backends.open import opened
from reproducing import RIGHT, WRONG


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a kernel that is wrong, and one that is right."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "wrong.py").write_text(WRONG)
    (folder / "right.py").write_text(RIGHT)
    return folder


@pytest.fixture(scope="module")
def wrong(kernels: Path) -> Iterator[Ask]:
    """Return the wrong kernel, opened in a worker."""
    with opened(parse(f"{kernels / 'wrong.py'}:batch_norm")) as backend:
        assert backend.ask is not None
        yield backend.ask
