"""What a command does not import: what takes long, and what it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

#: Runs a command in its own process, and prints what it has imported of the modules named last.
_COMMAND = """
import sys
from bnparity.cli import run_command
*words, heavy = sys.argv[1:]
try:
    run_command(words)
finally:
    print("imported:", *[name for name in heavy.split(",") if name in sys.modules])
"""
#: Nothing of these is needed to draw cases, to ask, and to print what has been found.
_RARE = "jsonschema,bnparity.porting,bnparity.sessions.parity,bnparity.frontends.commands.port"
#: What a command needs before it knows which it is: Typer, and little else.
_ALL = f"{_RARE},numpy,hypothesis,bnparity.backends,bnparity.cases,rich,jinja2"


def imported(folder: Path, *words: str, heavy: str) -> str:
    """Return which of the `heavy` modules a command has imported, run in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, *words, heavy],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("imported:")]
    return line.removeprefix("imported:").strip()


@pytest.mark.parametrize("words", [("--version",), ("rnu",), ("--hlep",)])
def test_words_without_a_command_import_no_command(words: tuple[str, ...], tmp_path: Path) -> None:
    """The version, and what is no command, are told without NumPy."""
    assert imported(tmp_path, *words, heavy=_ALL) == ""


def test_list_of_backends_imports_no_rare_modules(tmp_path: Path) -> None:
    """It reads no results and ports nothing."""
    assert imported(tmp_path, "backends", heavy=_RARE) == ""


def test_run_imports_no_rare_modules(tmp_path: Path) -> None:
    """Its cases are judged, its results written, and none read: no schema is checked."""
    words = ("run", "numpy", "--examples", "3", "--json", "r.json")
    assert imported(tmp_path, *words, heavy=_RARE) == ""
    assert (tmp_path / "r.json").is_file()


def test_each_command_is_there_with_its_help(tmp_path: Path) -> None:
    """What is imported late is found nevertheless: every command has a line of help."""
    done = subprocess.run(
        [sys.executable, "-m", "bnparity", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = done.stdout.partition("Commands:\n")[2].splitlines()
    assert all(len(line.split(None, 1)) == 2 for line in listed)
    assert {"run", "env", "compare-models"} <= {line.split()[0] for line in listed}
