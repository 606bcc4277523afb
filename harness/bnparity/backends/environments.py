"""Interpreters of their own for backends that cannot share ours.

MindSpore 2.10 needs NumPy before 2, everything else here NumPy 2; two versions of a framework
never share an interpreter either. Each environment is a folder with a `venv` in it.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from bnparity.backends.errors import UsageError, did_you_mean

#: What goes into each environment; `pins/NAME.txt` holds the exact versions.
REQUIREMENTS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "jax": ("jax", "flax", "equinox", "dm-haiku", "keras"),
        "mindspore": ("mindspore", "numpy<2"),
    }
)
#: The frameworks in an environment of another name, as files import them.
_HELD: MappingProxyType[str, str] = MappingProxyType(
    dict.fromkeys(("equinox", "flax", "haiku", "keras"), "jax")
)
_MARKER = ".complete"


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
    """
    path = base.rpartition(":")[0]
    names = imported_by(Path(path)) if path.endswith(".py") else [base]
    needed = [name for name in names if name == base or find_spec(name) is None]
    folders = [home() / environment_of(name) for name in needed]
    own = [folder for folder in folders if _is_complete(folder)]
    return str(_python(own[0])) if own else sys.executable


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


def create_environment(name: str) -> Path:
    """Make the environment `name`, unless it is there already; return its interpreter.

    Raises
    ------
    UsageError
        If no environment is called that, or if it cannot be made.
    """
    if name not in REQUIREMENTS:
        known, hint = ", ".join(REQUIREMENTS), did_you_mean(name, REQUIREMENTS)
        raise UsageError(
            f"{name!r} is not an environment bnparity can make: choose from {known}{hint}"
        )
    folder = home() / name
    if not _is_complete(folder):
        _make(folder, name)
        (folder / _MARKER).touch()
    return _python(folder)


def made_environments() -> dict[str, Path]:
    """Return the interpreter of each environment that has been made, by name."""
    made = sorted(folder for folder in home().glob("*") if _is_complete(folder))
    return {folder.name: _python(folder) for folder in made}


def interpreter_in(name: str) -> Path:
    """Return the interpreter of the environment `name`; a `UsageError` if it is not made."""
    made = made_environments()
    if name not in made:
        hint = did_you_mean(name, made)
        remedy = f"make it: bnparity env create {name}" if name in REQUIREMENTS else _known(made)
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
        (folder / _MARKER).unlink()  # what is left half removed is no environment
        shutil.rmtree(folder)
    except OSError as error:
        raise UsageError(
            f"{str(folder)!r} cannot be removed ({error.strerror}): remove it by hand"
        ) from error
    return folder


def _known(made: Iterable[str]) -> str:
    return f"there are {', '.join(made) or 'none'}; bnparity env list lists them"


def _make(folder: Path, name: str) -> None:
    pins = str(files("bnparity.backends").joinpath("pins", f"{name}.txt"))
    try:
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted attempt left
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run(sys.executable, "-m", "venv", str(folder))
        pip = (str(_python(folder)), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "install", "--constraint", pins, *REQUIREMENTS[name])
    except OSError as error:
        where = f"set BNPARITY_ENVS to a folder that can be written ({error.strerror})"
        raise UsageError(f"{str(folder)!r} cannot be made: {where}") from error


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = lines[-1] if lines else f"exit code {done.returncode}"
        raise UsageError(f"{' '.join(command[:4])} failed: {reason}")


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _is_complete(folder: Path) -> bool:
    return (folder / _MARKER).is_file() and _python(folder).is_file()
