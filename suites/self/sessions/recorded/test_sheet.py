"""A question sheet: the same for the same seed, and answered by programs of other languages."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from bnparity.backends import UsageError
from bnparity.sessions import (
    Spelling,
    dialect_of_sheet,
    judge_recorded,
    read_dump,
    write_sheet,
)
from safetensors import safe_open

PROGRAMS = Path(__file__).parents[4] / "documentation"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Return a sheet of float32 cases."""
    folder = tmp_path / "sheet"
    write_sheet(folder, dialect="torch", dtypes=("float32",), examples=60, seed=0)
    return folder


def status(sheet: Path) -> str:
    judged = judge_recorded("sheet", read_dump(sheet, Spelling.of([], {})), "torch")
    assert set(judged.totals.outputs) == {"output", "running_mean", "running_var"}
    assert judged.totals.cases == 60
    return judged.status


def compiled(folder: Path) -> list[str]:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("there is no g++ here to compile the program")
    program = folder / "answer"
    subprocess.run(
        [compiler, "-std=c++17", "-Wall", "-Werror", PROGRAMS / "answer.cpp", "-o", program],
        check=True,
    )
    return [str(program)]


def test_program_in_cpp_is_judged(sheet: Path, tmp_path: Path) -> None:
    """As the documentation has it, it is right in all that it computes."""
    subprocess.run([*compiled(tmp_path), sheet], check=True)
    assert status(sheet) == "pass"


def test_program_in_javascript_is_judged(sheet: Path) -> None:
    """As the documentation has it, it is right in all that it computes."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here to run the program")
    subprocess.run([node, PROGRAMS / "answer.mjs", sheet], check=True)
    assert status(sheet) == "pass"


def test_manifest_says_what_the_files_say(sheet: Path) -> None:
    """A program may read either."""
    manifest = json.loads((sheet / "manifest.json").read_text())
    assert dialect_of_sheet(sheet) == manifest["dialect"] == "torch"
    for asked in manifest["cases"]:
        with safe_open(sheet / asked["file"], "np") as file:
            said = file.metadata()
            shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118  # it is no mapping
        assert said == {name: asked[name] for name in said}
        assert shapes == {name: about["shape"] for name, about in asked["arrays"].items()}


def test_same_seed_writes_the_same(sheet: Path, tmp_path: Path) -> None:
    """To the byte."""
    again = tmp_path / "again"
    write_sheet(again, dialect="torch", dtypes=("float32",), examples=60, seed=0)
    files = [path.relative_to(sheet) for path in sheet.rglob("*") if path.is_file()]
    assert len(files) == 62
    assert all((sheet / path).read_bytes() == (again / path).read_bytes() for path in files)


def test_nothing_is_written_over(sheet: Path) -> None:
    """A folder that has something in it is refused."""
    with pytest.raises(UsageError, match="not empty"):
        write_sheet(sheet, dialect="torch", dtypes=("float32",), examples=5, seed=0)


def test_unanswered_sheet_is_no_pass(sheet: Path) -> None:
    """What was not answered is counted as not judged."""
    judged = judge_recorded("sheet", read_dump(sheet, Spelling.of([], {})), "torch")
    assert judged.status == "untrusted"
    assert dict(judged.totals.unsupported) == {"no output was recorded": 60}
