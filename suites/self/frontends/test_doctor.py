"""What `bnparity doctor` says is what a report of a bug needs, and nothing of its user."""

from pathlib import Path

import pytest
from bnparity import __version__, backends
from bnparity.cli import run_command
from bnparity.frontends.commands.doctor import doctor, without_paths


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """Return the lines printed on a machine with one environment, made by Python 3.12.1."""
    python = tmp_path / "own" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (python.parents[1] / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    places = doctor.__globals__
    monkeypatch.setitem(places, "made_environments", lambda: {"mindspore": python})
    monkeypatch.setitem(places, "rows", list)
    assert run_command(["doctor"]) == 0
    return capsys.readouterr().out.splitlines()


def test_versions_and_environments_are_told(told: list[str]) -> None:
    """The first line is the version, and each interpreter has its Python."""
    assert told[0] == f"bnparity {__version__}"
    assert "environments: mindspore (Python 3.12.1)" in told
    assert any(line.startswith("hypothesis ") and "numpy " in line for line in told)


def test_every_backend_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With its version, or the reason why it cannot be asked."""
    assert run_command(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = {line.split()[1].rstrip(":") for line in lines if line.startswith(("  + ", "  - "))}
    assert listed == set(backends.listed())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{home}", "~"),
        ("{home}/secret/envs/bin/python", "~/.../python"),
        ("in {home}/python", "in ~/python"),
        ("'/data/alice/x.py' is gone", "'/.../x.py' is gone"),
        ("{home}ly/a", "/.../a"),
        ("1/2 of float32/float64", "1/2 of float32/float64"),
    ],
)
def test_no_path_is_told(text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home folder is ~, and of every path the last name alone is left."""
    monkeypatch.setattr(Path, "home", lambda: Path("/home/alice"))
    assert without_paths(text.format(home="/home/alice")) == shown


def test_weaker_isolation_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where memory cannot be limited, the line says so."""
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setitem(doctor.__globals__, "rows", list)
    assert run_command(["doctor"]) == 0
    assert "isolation: a backend may take more memory" in capsys.readouterr().out
