"""Interpreters of their own for backends that cannot share ours: which is whose.

MindSpore 2.10 needs NumPy before 2, everything else here NumPy 2; two versions of a framework
never share an interpreter either. Each environment is a folder with a `venv` in it, named as what
it is for: ``jax``, or ``mindspore==2.9.0`` with that version. See `bnparity.backends.making`.
"""

import ast
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from bnparity.backends.errors import UsageError, did_you_mean

#: What goes into each environment; `pins/NAME.txt` holds the exact versions.
REQUIREMENTS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "jax": ("jax", "flax", "equinox", "dm-haiku", "keras"),
        "keras-torch": ("keras", "torch"),
        "mindspore": ("mindspore", "numpy<2"),
        "mlx": ("mlx[cpu]", "numpy"),
        "onnx": ("onnx", "onnxruntime", "openvino"),
        "paddle": ("paddlepaddle", "numpy"),
        "tensorflow": ("tensorflow-cpu", "keras", "tf-keras"),
        "tinygrad": ("tinygrad", "numpy"),
        "tvm": ("apache-tvm", "numpy"),
    }
)
#: The frameworks in an environment of another name, as files import them.
_HELD: MappingProxyType[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("equinox", "flax", "haiku", "keras"), "jax"),
        **dict.fromkeys(("onnxruntime", "openvino"), "onnx"),
        **dict.fromkeys(("keras-tensorflow", "tf-keras"), "tensorflow"),
    }
)
#: In an environment that is complete: what was interrupted has no such file.
MARKER = ".complete"
#: What stands between a framework and the version of it that is wanted.
VERSION = "=="
#: The oldest Python that runs the harness in a worker.
_OLDEST = (3, 11)


def home() -> Path:
    """Return the folder of all environments.

    It is ``$BNPARITY_ENVS``, or the ``.envs`` that `make` has made in a checkout, or the user's.
    """
    import platformdirs  # the interpreters of backends need not have it

    checkout = Path(__file__).parents[3] / ".envs"
    users = platformdirs.user_data_path("bnparity") / "envs"
    default = checkout if checkout.is_dir() else users
    return Path(os.environ.get("BNPARITY_ENVS", default)).absolute()


def interpreter_of(base: str) -> str:
    """Return the Python that runs the backend `base`: its own if there is one, else this one.

    A file's own is the environment of a framework that it imports and that is not installed here.
    A version that is named has one interpreter alone, whether it has been made or not.
    """
    if VERSION in base:
        return str(python_of(home() / base))
    path = base.rpartition(":")[0]
    names = imported_by(Path(path)) if path.endswith(".py") else [base]
    needed = [name for name in names if name == base or find_spec(name) is None]
    folders = [home() / environment_of(name) for name in needed]
    own = [folder for folder in folders if is_complete(folder)]
    return str(python_of(own[0])) if own else sys.executable


def why_not(base: str, python: str = "") -> str:
    """Return why nothing can be asked in the interpreter of a backend; nothing if it can be.

    `python` is the one that the user names instead.
    """
    if python:
        return _why_not_in(python)
    if VERSION in base and not is_complete(home() / base):
        return f"there is no interpreter with {base}: make it, bnparity env create {base}"
    return ""


def _why_not_in(python: str) -> str:
    asked = "import sys; print(*sys.version_info[:2]); import numpy"
    try:
        command = [python, "-c", asked]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        major, minor = (int(number) for number in done.stdout.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return f"{python} cannot be run as Python: give the path of an interpreter"
    if (major, minor) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        return f"{python} is Python {major}.{minor}: give one of {oldest} or later"
    if done.returncode:
        return f"{python} has no NumPy: install it there, {python} -m pip install numpy"
    return ""


def environment_of(framework: str) -> str:
    """Return the name of the environment that a framework is in, if it has one."""
    return _HELD.get(framework, framework)


def imported_by(path: Path) -> list[str]:
    """Return the packages that a file imports, sorted; none of a file that cannot be read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):  # who imports it tells what is wrong
        return []
    nodes = list(ast.walk(tree))
    modules = [alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names]
    modules += [n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module]
    return sorted({module.partition(".")[0] for module in modules})


def made_environments() -> dict[str, Path]:
    """Return the interpreter of each environment that has been made, by name."""
    made = sorted(folder for folder in home().glob("*") if is_complete(folder))
    return {folder.name: python_of(folder) for folder in made}


def interpreter_in(name: str) -> Path:
    """Return the interpreter of the environment `name`; a `UsageError` if it is not made."""
    made = made_environments()
    if name not in made:
        hint = did_you_mean(name, made)
        known = f"there are {', '.join(made) or 'none'}; bnparity env list lists them"
        remedy = f"make it: bnparity env create {name}" if name in REQUIREMENTS else known
        raise UsageError(f"there is no environment {name!r} in {home()}: {remedy}{hint}")
    return made[name]


def remove_environment(name: str) -> Path:
    """Remove the environment `name`; return the folder that it was.

    Raises
    ------
    UsageError
        If there is none, or if it cannot be removed.
    """
    folder = interpreter_in(name).parents[1]
    try:
        (folder / MARKER).unlink()  # what is left half removed is no environment
        shutil.rmtree(folder)
    except OSError as error:
        raise UsageError(
            f"{str(folder)!r} cannot be removed ({error.strerror}): remove it by hand"
        ) from error
    return folder


def python_of(folder: Path) -> Path:
    """Return the interpreter in the folder of an environment."""
    return folder / "bin" / "python"


def is_complete(folder: Path) -> bool:
    """Return whether an environment was made to its end."""
    return (folder / MARKER).is_file() and python_of(folder).is_file()
