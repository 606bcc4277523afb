"""Interpreters of their own for backends that cannot share ours.

MindSpore 2.10 needs NumPy before 2, everything else here NumPy 2; two versions of a framework
never share an interpreter either. Each environment is a folder with a `venv` in it.
"""

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from bnparity.backends.errors import UsageError, did_you_mean

#: What goes into each environment; `pins/NAME.txt` holds the exact versions.
REQUIREMENTS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {"mindspore": ("mindspore", "numpy<2")}
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
    """Return the Python that runs the backend `base`: its own if there is one, else this one."""
    return str(_python(home() / base)) if _is_complete(home() / base) else sys.executable


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
