"""What is told of a file that cannot be imported."""

import sys
from pathlib import Path

import pytest
from bnparity.backends.errors import UsageError
from bnparity.backends.load import load_target

#: What Keras does where it is installed without the framework that it looks for.
KERAS = "import tensorflow"


def said_of(folder: Path, name: str) -> str:
    """Return what is said of a file in a folder."""
    with pytest.raises(UsageError) as raised:
        load_target(f"{folder / name}:batch_norm")
    return str(raised.value)


def test_missing_module_is_told_with_the_line_and_who_has_none(tmp_path: Path) -> None:
    """Of the file that was named, wherever the module is missed."""
    (tmp_path / "neighbour.py").write_text("import not_there_at_all")
    (tmp_path / "kernel.py").write_text("import sys\nimport neighbour")
    told = said_of(tmp_path, "kernel.py")
    assert "No module named 'not_there_at_all' (line 2: import neighbour); " in told
    assert told.endswith(
        f"{sys.executable} has none: install it there, or name a Python that has it, --python"
    )


def test_keras_without_its_backend_is_told_how_to_have_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is Keras that misses TensorFlow, and it can do without."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text(KERAS)
    (tmp_path / "layer.py").write_text("import keras")
    assert said_of(tmp_path, "layer.py").endswith(
        "(line 1: import keras); set KERAS_BACKEND to what is installed, KERAS_BACKEND=jax"
    )


def test_relative_import_is_told_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the folder that the file is in, however the file is named."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "kernel.py").write_text("from .inner import batch_norm")
    monkeypatch.chdir(tmp_path / "parts")
    with pytest.raises(UsageError, match=r"name it as part of its package: parts\.kernel:\.\.\."):
        load_target("kernel.py:batch_norm")
