"""How an interpreter of its own is made: what goes into it, and what can go wrong on the way."""

import fcntl
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from subprocess import CompletedProcess
from types import MappingProxyType

from bnparity.backends.environments import (
    MARKER,
    REQUIREMENTS,
    VERSION,
    environment_of,
    home,
    is_complete,
    python_of,
)
from bnparity.backends.errors import UsageError, did_you_mean
from bnparity.backends.installing import Tell, run_installer

#: What a framework with a version needs, itself first, where that is not its whole environment.
_ALONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "equinox": ("equinox",),
        "flax": ("flax",),
        "haiku": ("dm-haiku", "jax"),
        "keras": ("keras", "jax"),
        "onnx": ("onnx",),
        "onnxruntime": ("onnxruntime", "onnx"),
        "openvino": ("openvino",),
        "torch": ("torch", "numpy"),
    }
)
#: What an installer prints when something fails, and what that means.
_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        r"No space left on device": "the disk is full: free some, or set BNPARITY_ENVS elsewhere",
        r"Retrying \(|error sending request|Failed to fetch|dns error": (
            "no package index answers: check the network, or name a mirror with PIP_INDEX_URL"
        ),
        r"\(from versions: none\)|No solution found": (
            "no such version has a build for this Python and machine: take another, or make an "
            "interpreter yourself and name it, bnparity run NAME --python PATH"
        ),
    }
)
_VERSIONS = re.compile(r"requirement (\S+).*\(from versions: (.+)\)")
#: Of the versions that there are, so many are told.
_MOST_TOLD = 5


def create_environment(name: str, tell: Tell = lambda _: None) -> Path:
    """Make the environment `name`, unless it is there already; return its interpreter.

    ``mindspore==2.9.0`` has that version, and nothing is pinned besides. What is done meanwhile is
    told by `tell`.

    Raises
    ------
    UsageError
        If no environment is called that, or if it cannot be made.
    """
    packages = requirements(name)
    folder = home() / (name if VERSION in name else environment_of(name))
    with _alone(folder, tell):
        if not is_complete(folder):
            _make(folder, packages, tell)
            (folder / MARKER).touch()
    return python_of(folder)


def requirements(name: str) -> tuple[str, ...]:
    """Return what is installed for an environment, or for a version of a framework.

    Examples
    --------
    >>> requirements("mindspore==2.9.0")
    ('mindspore==2.9.0', 'numpy<2')
    """
    framework, exact, version = name.partition(VERSION)
    own = REQUIREMENTS.get(environment_of(framework))
    if framework in _ALONE and not own and not exact:
        raise UsageError(f"{name!r} is made with a version alone: {name}==2.12.0")
    first, *others = (_ALONE.get(framework) if exact else None) or own or ("",)
    if not first or (exact and not re.fullmatch(r"[0-9][0-9A-Za-z.+!-]*", version)):
        known = sorted({*REQUIREMENTS, *_ALONE})
        raise UsageError(
            f"{name!r} is not an environment bnparity can make: choose from {', '.join(known)}, "
            f"or one with a version, mindspore==2.9.0{did_you_mean(framework, known)}"
        )
    return (f"{first}{exact}{version}", *others)


@contextmanager
def _alone(folder: Path, tell: Tell) -> Iterator[None]:
    """Let no other process make the same environment meanwhile: it waits, and finds it made."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f".{folder.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tell("waiting for another process that makes it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        where = f"set BNPARITY_ENVS to a folder that can be written ({error.strerror})"
        raise UsageError(f"{str(folder)!r} cannot be made: {where}") from error


def _make(folder: Path, packages: tuple[str, ...], tell: Tell) -> None:
    """Make an environment anew; of one that cannot be made nothing is left."""
    print(f"installing {', '.join(packages)} in {folder}", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)  # what an attempt left that was killed
    try:
        for command in _commands(folder, packages):
            _run(command, tell)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _run(command: Sequence[str], tell: Tell) -> None:
    done = run_installer(command, tell)
    if done.returncode != 0:
        raise UsageError(_in_words(done.stdout) or _last_words(done))


def _commands(folder: Path, packages: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what makes the environment: uv where it is there, else venv and pip."""
    pins = Path(str(files("bnparity.backends").joinpath("pins", f"{folder.name}.txt")))
    wanted = packages if VERSION in folder.name else ("--constraint", str(pins), *packages)
    python = str(python_of(folder))
    if uv := shutil.which("uv"):
        yield uv, "venv", "--quiet", "--python", sys.executable, str(folder)
        yield uv, "pip", "install", "--python", python, *wanted
        return
    yield sys.executable, "-m", "venv", str(folder)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--retries", "2")
    yield *pip, "install", "--progress-bar", "off", *wanted


def _in_words(said: str) -> str:
    """Return what an installer said in one line with a remedy; nothing if nobody knows."""
    if match := _VERSIONS.search(said):
        wanted, versions = match[1], match[2].split(", ")
        if versions != ["none"]:
            return f"there is no {wanted}: the latest are {', '.join(versions[-_MOST_TOLD:])}"
    return next((meaning for sign, meaning in _MEANINGS.items() if re.search(sign, said)), "")


def _last_words(done: CompletedProcess[str]) -> str:
    lines = [line for line in done.stdout.splitlines() if line.lower().startswith("error")]
    reason = lines[-1] if lines else f"exit code {done.returncode}"
    return f"{' '.join(done.args[:4])} failed: {reason}; run it yourself to see more"
