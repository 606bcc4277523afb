"""Listings: backends, and the interpreters that were made for them."""

import json
import sys
from pathlib import Path

import pytest
from bnparity.cli import run_command
from bnparity.frontends.commands.listing import Row, _lines
from commanding import bnparity


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the interpreter of the one environment that there is."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    python = tmp_path / "mindspore" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (tmp_path / "mindspore" / ".complete").touch()
    return python


def test_backends_are_listed_with_what_is_missing(made: Path, folder: Path) -> None:
    """Every built-in backend has a line, below its interpreter and aligned, with its variants.

    Most are missing here: what is installed elsewhere would take its time to import.
    """
    done = bnparity("backends", "--json", "backends.json", cwd=folder)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    listed = {line.split()[1] for line in lines if line.startswith(("  + ", "  - "))}
    assert listed >= {"numpy", "torch", "mindspore"}
    states = [line.split(maxsplit=2)[2] for line in lines if line.startswith(("  + ", "  - "))]
    assert len({line.index(s) for line in lines for s in states if line.endswith(s)}) == 1
    assert lines.count(f"in {sys.executable}") == 1
    assert "torch[compile]" in done.stdout
    rows = {row["name"]: row for row in json.loads((folder / "backends.json").read_text())}
    assert rows.keys() == listed
    assert rows["torch_api"]["variants"] == ["torch_api[sync]"]
    assert rows["numpy"]["interpreter"] == sys.executable
    assert rows["mindspore"]["interpreter"] == str(made)
    assert "bnparity env create flax" in rows["flax"]["reason"]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_names_stay_whole_in_any_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of backends and of variants are never broken, and no line is too long."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    names = ("keras-tensorflow", "torch_api")
    rows = [
        Row(name=name, version="3.1", interpreter="python", variants=(f"{name}[a,long_variant]",))
        for name in names
    ]
    lines = "\n".join(_lines(rows)).splitlines()
    assert max(map(len, lines)) <= columns
    words = {word for line in lines for word in line.split()}
    assert words >= {*names, *(row.variants[0] for row in rows), "3.1"}


def test_environments_are_listed(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the interpreter of each, which `path` prints alone."""
    assert run_command(["env", "list"]) == 0
    assert capsys.readouterr().out == f"mindspore: {made}\n"
    assert run_command(["env", "path", "mindspore"]) == 0
    assert capsys.readouterr().out == f"{made}\n"


def test_environment_is_removed(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is left of it, and the list says how to make one."""
    assert run_command(["env", "remove", "mindspore"]) == 0
    assert not made.parents[1].exists()
    capsys.readouterr()
    assert run_command(["env", "list"]) == 0
    assert "bnparity env create mindspore" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["path", "mindspoer"], "did you mean mindspore?"),
        (["remove", "../mindspore"], "no environment '../mindspore'"),
        (["remove"], "NAME"),
        ([], "create, list, path or remove"),
    ],
)
def test_wrong_words_are_one_line(
    made: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is removed."""
    assert run_command(["env", *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert told in error
    assert made.exists()


def test_missing_environment_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that bnparity can make comes with the command that makes it."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    assert run_command(["env", "path", "mindspore"]) == 2
    assert "make it: bnparity env create mindspore" in capsys.readouterr().err
