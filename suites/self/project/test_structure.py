"""The house keeps its rules: few rooms, one way through them, nothing past a face."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "harness" / "bnparity"
SOURCES = ("harness", "reference", "reports", "suites")

#: Prints what a worker's interpreter has imported beyond the standard library and the package.
_IMPORTED = """
import sys
before = set(sys.modules)
import bnparity.backends.worker.serve
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(name for name in new - sys.stdlib_module_names if not name.startswith("_")))
"""


def lint_imports(checkout: Path) -> "subprocess.CompletedProcess[str]":
    """Check the contracts of the pyproject.toml in `checkout` on the packages in it."""
    paths = os.pathsep.join(str(checkout / source) for source in SOURCES)
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_keep_the_contracts() -> None:
    """Rooms import downwards, through faces, and never in a circle."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("place", "statement", "contract"),
    [
        ("backends/errors.py", "import bnparity.cases", "Rooms import what lies below them"),
        ("sessions/session.py", "import bnparity.results.findings", "the face of results"),
        ("backends/errors.py", "import bnparity.backends.call", "in a circle"),
    ],
)
def test_contracts_are_seen_to_break(
    place: str, statement: str, contract: str, tmp_path: Path
) -> None:
    """An import up, one past a face and one in a circle are each refused, and named."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source in SOURCES:
        shutil.copytree(
            ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("self", "*.html")
        )
    with (tmp_path / "harness" / "bnparity" / place).open("a") as file:
        file.write(f"\n{statement}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout
    broken = [line for line in done.stdout.splitlines() if "BROKEN" in line]
    assert any(contract in line for line in broken), done.stdout


def test_root_shows_what_a_user_meets() -> None:
    """At most ten rooms, and five files."""
    entries = [path for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len([path for path in entries if path.is_dir()]) <= 10
    files = {path.name for path in entries if path.is_file()}
    assert files == {"__init__.py", "__main__.py", "cli.py", "py.typed", "pytest_plugin.py"}


def test_way_through_the_rooms_is_short() -> None:
    """The contract has at most ten floors, and names every room."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (rooms,) = (c for c in settings["contracts"] if c.get("containers") == ["bnparity"])
    assert len(rooms["layers"]) <= 10
    assert rooms["exhaustive"]


@pytest.mark.parametrize("source", SOURCES[:3])
def test_modules_are_short(source: str) -> None:
    """None has more than 300 lines."""
    left_behind = ROOT / "reports" / "out"  # scripts of findings, by `make parity`
    modules = (p for p in (ROOT / source).rglob("*.py") if left_behind not in p.parents)
    lengths = {path: len(path.read_text().splitlines()) for path in modules}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_worker_needs_numpy_alone() -> None:
    """Its interpreter is the backend's, and may have nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == {"bnparity", "numpy"}


def test_map_names_what_is_there() -> None:
    """Every path in ARCHITECTURE.md leads somewhere, and every room is on its map."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    paths = [path.rstrip("/") for path in re.findall(r"`([\w./]+/[\w./]*)`", text)]
    bases = (ROOT, PACKAGE, ROOT / "reference")
    lost = [path for path in paths if not any(_is_there(base / path) for base in bases)]
    assert lost == []
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"\b(\w+)\[", text))


def _is_there(path: Path) -> bool:
    return path.exists() or path.with_suffix(".py").exists()
