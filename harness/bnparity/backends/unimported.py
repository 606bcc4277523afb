"""Why the file or the module of a backend cannot be imported, and what helps, in a line."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path


def why_not_imported(error: BaseException, place: str, path: Path | None) -> str:
    """Return why `place` cannot be imported, which is the file at `path` if there is one.

    The line of the file is told, and of a module that is missing who has none.
    """
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    text = f"{path or place} cannot be imported: {said}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if path and Path(frame.filename) == path.absolute()]
    if own:
        text += f" (line {own[-1].lineno}: {own[-1].line})"
    if path is not None and "attempted relative import" in said:
        text += f"; name it as part of its package: {path.absolute().parent.name}.{path.stem}:..."
    if isinstance(error, ModuleNotFoundError) and own:
        text += f"; {_who_has_none(error, [frame.filename for frame in frames])}"
    return text


def _who_has_none(error: ModuleNotFoundError, files: Sequence[str]) -> str:
    if error.name == "tensorflow" and any("keras" in Path(file).parts for file in files):
        return "set KERAS_BACKEND to what is installed, KERAS_BACKEND=jax"
    return f"{sys.executable} has none: install it there, or name a Python that has it, --python"
