"""`bnparity doctor`: what a report of a bug has to say of the machine, and no more of its user."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from bnparity import __version__
from bnparity.backends import made_environments
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.listing import rows

#: A path from the root or the home folder, of two parts or more.
_PATH = re.compile(r"(?<![\w.])(~?)/(?:[^\s/:'\"]+/)+([^\s/:'\"]*)")


def doctor() -> int:
    """Print what a report of a bug needs: versions, machine, interpreters, backends, isolation."""
    lines = [*_versions(), *_isolation(), *_environments(), *_backends()]
    print("\n".join(map(without_paths, lines)))
    return ACCEPTABLE


def without_paths(text: str) -> str:
    """Return a text with the home folder as ~, and of each path its last name alone.

    Examples
    --------
    >>> without_paths("/opt/python/bin/python: not found")
    '/.../python: not found'
    """
    home = re.escape(str(Path.home()))
    return _PATH.sub(r"\1/.../\2", re.sub(rf"(?<!\w){home}(?=/|\W|$)", "~", text))


def _versions() -> Iterator[str]:
    yield f"bnparity {__version__}"
    yield f"{platform.python_implementation()} {platform.python_version()}"
    yield f"{platform.platform()}, {os.cpu_count()} cores"
    yield ", ".join(f"{name} {_installed(name)}" for name in _required())


def _required() -> list[str]:
    """Return the packages that bnparity needs; none where it is on a path, and not installed."""
    try:
        told = requires("bnparity") or []
    except PackageNotFoundError:
        return []
    return [re.split(r"[^\w.-]", text)[0] for text in told if "extra ==" not in text]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is missing"


def _isolation() -> Iterator[str]:
    """Yield how far a backend is kept from harming others, where this system can do less."""
    weak = []
    if not sys.platform.startswith("linux"):
        weak.append("a backend may take more memory than --memory says")
    if not hasattr(os, "memfd_create"):
        weak.append("a backend that truncates the memory it shares with bnparity ends both")
    yield f"isolation: {'; '.join(weak) or 'processes, time, memory and arrays, all of it'}"


def _environments() -> Iterator[str]:
    made = made_environments()
    told = [f"{name} ({_python_of(path)})" for name, path in made.items()]
    yield f"environments: {', '.join(told) or 'none'}"


def _python_of(interpreter: Path) -> str:
    """Return the version that an environment's own notes tell."""
    notes = interpreter.parents[1] / "pyvenv.cfg"
    found = re.search(
        r"^version *= *(\S+)", notes.read_text() if notes.is_file() else "", re.MULTILINE
    )
    return f"Python {found[1]}" if found else "of an unknown Python"


def _backends() -> Iterator[str]:
    yield "backends:"
    for row in rows():
        yield f"  {'-' if row.reason else '+'} {row.name}: {row.state}"
