"""Making interpreters, from an index on the disk."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bnparity.backends import making
from bnparity.backends.errors import UsageError

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"


def put_wheel(folder: Path, name: str, version: str) -> None:
    """Put a package in a folder that pip looks into."""
    home = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"__version__ = {version!r}\n")
        wheel.writestr(f"{home}/METADATA", METADATA.format(name, version))
        wheel.writestr(f"{home}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{home}/RECORD", "")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an index of one framework, and no other."""
    for name, version in (("tinygrad", "0.9.0"), ("numpy", "2.0.0")):
        put_wheel(tmp_path, name, version)
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path / "envs"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # uv has settings of its own
    return tmp_path


def test_version_is_installed_and_the_next_time_found(disk: Path) -> None:
    """The interpreter has the version that was named, and is made once."""
    python = making.create_environment("tinygrad==0.9.0")
    asked = [str(python), "-c", "import tinygrad; print(tinygrad.__version__)"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "0.9.0\n"
    (disk / "tinygrad-0.9.0-py3-none-any.whl").unlink()
    assert making.create_environment("tinygrad==0.9.0") == python


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("WARNING: Retrying (Retry(total=1)) after NewConnectionError", "no package index answers"),
        ("satisfies the requirement mlx (from versions: none)", "no such version has a build"),
        (
            "satisfies the requirement mlx==7 (from versions: 0.1, 0.2)",
            r"^there is no mlx==7: the latest are 0\.1, 0\.2$",
        ),
        ("error: something else", "failed: error: something else"),
    ],
)
def test_what_an_installer_says_comes_with_a_remedy(
    disk: Path, monkeypatch: pytest.MonkeyPatch, printed: str, told: str
) -> None:
    """A full disk, no network, and no wheel for this Python: each is told in one line."""
    said = f"import sys; print({printed!r}, file=sys.stderr); sys.exit(1)"
    monkeypatch.setattr(making, "_commands", lambda *_: [(sys.executable, "-c", said)])
    with pytest.raises(UsageError, match=told) as raised:
        making.create_environment("mlx==0.30.0")
    assert "\n" not in str(raised.value)


def test_interrupted_attempt_leaves_nothing(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle: the folder is gone, and the next attempt begins anew."""

    def interrupted(*_: object) -> None:
        (disk / "envs" / "mlx==0.30.0").mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        making.create_environment("mlx==0.30.0")
    assert not (disk / "envs" / "mlx==0.30.0").exists()


@pytest.mark.parametrize("name", ["mindspor", "mindspore==", "tensorflow==new", "torch"])
def test_name_of_no_environment_is_a_mistake(name: str) -> None:
    """It is told before anything is made."""
    with pytest.raises(UsageError, match=f"^'{name}' is "):
        making.create_environment(name)


def test_folder_that_cannot_be_written_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says which variable to set."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path / "file" / "envs"))
    with pytest.raises(UsageError, match="set BNPARITY_ENVS"):
        making.create_environment("mindspore")


def test_what_the_installer_is_at_is_told(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is at it: its last line, as long as it takes."""
    go = disk / "go"
    said = f"""
import pathlib, time
pathlib.Path({str(disk / "envs" / "mlx==0.30.0")!r}).mkdir()
print("Downloading mlx (300 MB)", flush=True)
while not pathlib.Path({str(go)!r}).exists():
    time.sleep(0.05)
"""
    monkeypatch.setattr(making, "_commands", lambda *_: [(sys.executable, "-c", said)])
    told: list[str] = []

    def tell(what: str) -> None:
        told.append(what)
        if what:
            go.touch()

    making.create_environment("mlx==0.30.0", tell)
    assert told[-1] == "Downloading mlx (300 MB)"
