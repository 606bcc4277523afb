"""``[tool.bnparity]``: what a project wants of every run."""

import json
from pathlib import Path

import pytest
from bnparity.backends import UsageError
from bnparity.cli import run_command
from bnparity.frontends.commands.settings import Project, project

TABLE = """
[tool.bnparity]
backends = ["mine"]
examples = 20
dtypes = ["float16"]
seed = 3
baseline = "base.json"

[tool.bnparity.named]
mine = "kernel.py:batch_norm"
"""
KERNEL = "from bnparity.kernels.numpy_kernel import batch_norm"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a project, the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kernel.py").write_text(KERNEL)
    (tmp_path / "pyproject.toml").write_text(TABLE)
    return tmp_path


def test_settings_are_found_from_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths lead from where one is; a pyproject.toml without a table is passed by."""
    (root / "a").mkdir()
    (root / "a" / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    monkeypatch.chdir(root / "a")
    ours = project()
    assert (ours.examples, ours.dtypes, ours.seed) == (20, ("float16",), 3)
    assert ours.baseline == Path("../base.json")
    assert ours.meant(["mine", "numpy"]) == ["../kernel.py:batch_norm", "numpy"]


def test_without_a_table_nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As before there was one."""
    monkeypatch.chdir(tmp_path)
    assert project() == Project()


def test_command_line_goes_before(root: Path) -> None:
    """What is not said there is as the project has it."""
    (root / "pyproject.toml").write_text(TABLE.replace('baseline = "base.json"', ""))
    run = ["run", "--examples", "5", "--in-process", "-qq"]
    assert run_command([*run, "--json", "ours.json"]) in (0, 1)
    assert run_command([*run, "numpy", "--dtype", "float64", "--json", "said.json"]) in (0, 1)
    ours, said = (json.loads((root / name).read_text()) for name in ("ours.json", "said.json"))
    assert [b["name"] for b in ours["backends"]] == ["kernel.py:batch_norm"]
    assert {cell["dtype"].partition("+")[0] for cell in ours["backends"][0]["cells"]} == {"float16"}
    assert [b["name"] for b in said["backends"]] == ["numpy"]
    assert {cell["dtype"] for cell in said["backends"][0]["cells"]} == {"float64"}
    assert ours["run"]["seed"] == 3


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("exmaples = 3", "no setting 'exmaples' .did you mean examples"),
        ("examples = 0", "examples is 0: give a whole number above 0"),
        ("examples = true", "examples is True"),
        ("backends = 'numpy'", "backends is 'numpy': give a list of names"),
        ("dtypes = ['flaot32']", "did you mean float32"),
        ("dialect = 'trch'", "did you mean torch"),
        ("named = 3", "named is 3: give a table"),
        ("baseline = 3", "baseline is 3: give the path"),
        ("examples =", "cannot be read"),
    ],
)
def test_wrong_setting_is_one_line(root: Path, line: str, told: str) -> None:
    """It names the file, the key and the remedy."""
    (root / "pyproject.toml").write_text(f"[tool.bnparity]\n{line}\n")
    with pytest.raises(UsageError, match=told) as raised:
        project()
    assert str(raised.value).startswith("pyproject.toml")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("table", ["[tool]\nbnparity = 3", "[tool]\nbnparity = []"])
def test_what_is_no_table_is_refused(root: Path, table: str) -> None:
    """With exit code 2."""
    (root / "pyproject.toml").write_text(table)
    assert run_command(["run"]) == 2
