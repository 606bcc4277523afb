"""The names of backends: built in, of installed distributions, and anybody's file."""

import ast
import shutil
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType

from bnparity.backends.environments import VERSION, interpreter_of
from bnparity.backends.errors import UsageError, did_you_mean

#: Of the functions that there are, so many are told.
_MOST_TOLD = 4

#: What says in brackets which interpreter runs a backend.
PYTHON = "python="

#: Where each built-in backend is found. Nothing is imported to list them.
BUILT_IN: MappingProxyType[str, str] = MappingProxyType(
    {
        "numpy": "bnparity.kernels.numpy_kernel:batch_norm",
        "numba": "bnparity.kernels.numba_kernel:batch_norm",
        "triton": "bnparity.kernels.triton:batch_norm",
        "torch_api": "bnparity.layers.backends:TORCH_API",
        "mindspore_api": "bnparity.layers.backends:MINDSPORE_API",
        "torch": "bnparity.backends.torch:BACKEND",
        "torch-cuda": "bnparity.backends.torch:CUDA",
        "mindspore": "bnparity.backends.mindspore:BACKEND",
        "flax": "bnparity.backends.libraries.flax:BACKEND",
        "equinox": "bnparity.backends.libraries.equinox:BACKEND",
        "haiku": "bnparity.backends.libraries.haiku:BACKEND",
        "keras": "bnparity.backends.libraries.keras:JAX",
        "keras-torch": "bnparity.backends.libraries.keras:TORCH",
        "keras-tensorflow": "bnparity.backends.libraries.keras:TENSORFLOW",
        "tensorflow": "bnparity.backends.libraries.tensorflow:BACKEND",
        "onnxruntime": "bnparity.backends.libraries.onnxruntime:BACKEND",
        "onnx": "bnparity.backends.libraries.onnx:BACKEND",
        "openvino": "bnparity.backends.libraries.openvino:BACKEND",
        "paddle": "bnparity.backends.libraries.paddle:BACKEND",
        "tf-keras": "bnparity.backends.libraries.tf_keras:BACKEND",
        "tvm": "bnparity.backends.libraries.tvm:BACKEND",
        "tinygrad": "bnparity.backends.libraries.tinygrad:BACKEND",
        "mlx": "bnparity.backends.libraries.mlx:BACKEND",
    }
)

#: What a session judges when it is not told: our kernels and layers, the two frameworks that these
#: stand in for, and the variant without which half of MindSpore would go unseen. All others are
#: judged when they are named: each takes a minute or more.
DEFAULT = (
    *("numpy", "numba", "triton", "torch_api", "mindspore_api"),
    *("torch", "torch-cuda", "mindspore", "mindspore[graph]"),
)


@dataclass(frozen=True, kw_only=True)
class Name:
    """A backend's name taken apart: ``text`` as it was written, ``"mindspore[graph]"``.

    ``base`` is without the ``variant``, which stands in brackets, or nothing; backends of one base
    share an interpreter, and ``mindspore==2.9.0`` has one of its own. ``python`` is the interpreter
    that the user names in brackets, ``"mindspore[python=/usr/bin/python3]"``. ``target`` is
    ``"package.module:attribute"`` or ``"path/to/file.py:attribute"``.
    """

    text: str
    base: str
    target: str
    variant: str = ""
    python: str = ""

    @property
    def framework(self) -> str:
        """The base without a version."""
        return self.base.partition(VERSION)[0]

    @property
    def interpreter(self) -> str:
        """The Python that runs it."""
        return self.python or interpreter_of(self.base)

    @property
    def is_file(self) -> bool:
        """Whether the target is a file rather than a module."""
        return self.target.rpartition(":")[0].endswith(".py")


def parse(text: str) -> Name:
    """Return the parts of the backend name `text`.

    Raises
    ------
    UsageError
        If it is no name of a backend, or names a file that is not there.

    Examples
    --------
    >>> parse("mindspore[graph]").variant
    'graph'
    """
    base, variant = text, ""
    if text.endswith("]") and "[" in text:
        base, _, variant = text[:-1].partition("[")
    python, variant = _without_python(variant)
    known = listed()
    if base.partition(VERSION)[0] in known and not base.endswith(VERSION):
        target = known[base.partition(VERSION)[0]]
        return Name(text=text, base=base, target=target, variant=variant, python=python)
    if "[" in text and text.partition("[")[0] in known and not variant:
        raise UsageError(f"{text!r} is not a backend: write {text}]")
    if ".py::" in base:
        raise UsageError(f"{base!r} is not a backend: write {base.replace('::', ':')}")
    path, colon, attribute = base.rpartition(":")
    if not colon:
        raise UsageError(_unknown(base, known))
    if not path or not attribute:
        raise UsageError(
            f"{base!r} is not a backend: write file.py:function or package.module:name"
        )
    if ".py:" in path:
        raise UsageError(f"{base!r} is not a backend: write {path}, with one name of the file")
    if path.endswith(".py") and not Path(path).is_file():
        raise UsageError(_no_file(path))
    return Name(text=text, base=base, target=base, variant=variant, python=python)


def _without_python(variant: str) -> tuple[str, str]:
    """Return the interpreter that is named in brackets, nothing if none is, and the rest."""
    parts = variant.split(",")
    named = [part.removeprefix(PYTHON) for part in parts if part.startswith(PYTHON)]
    if not named:
        return "", variant
    python = shutil.which(named[0])
    if python is None:
        raise UsageError(f"there is no Python {named[0]!r}: give the path of an interpreter")
    rest = [part for part in parts if not part.startswith(PYTHON)]
    return str(Path(python).absolute()), ",".join(rest)


def listed() -> dict[str, str]:
    """Return the target of each named backend: built in, or of an installed distribution."""
    return {**of_distributions(), **BUILT_IN}


def of_distributions() -> dict[str, str]:
    """Return the target of each backend that an installed distribution names."""
    return {point.name: point.value for point in entry_points(group="bnparity.backends")}


def _no_file(path: str) -> str:
    return f"there is no file {path!r}: give the path of the kernel's file"


def _unknown(base: str, known: dict[str, str]) -> str:
    if base.endswith(".py") and not Path(base).is_file():
        return _no_file(base)
    if base.endswith(".py"):
        there = [f"{base}:{name}" for name in _defined_in(Path(base))] or [f"{base}:batch_norm"]
        return f"{base!r} names no function: write {' or '.join(there[:_MOST_TOLD])}"
    names, hint = ", ".join(known), did_you_mean(base, known)
    return f"{base!r} is not a backend: choose from {names}, or give file.py:function{hint}"


def _defined_in(path: Path) -> list[str]:
    """Return the functions and classes of a file, in their order; none of what cannot be read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):  # who imports it tells what is wrong
        return []
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, kinds)]
    return [name for name in names if not name.startswith("_")]
