"""`bnparity lint`: exit codes, formats, and one line for what is wrong."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from bnparity.cli import run_command
from bnparity.frontends.commands.explain import page
from bnparity.porting import lint_file, python_files
from bnparity.porting.lint.catalogue import RULES
from linted import linting

ROOT = Path(__file__).parents[4]

WRONG = "import torch\nbn = torch.nn.BatchNorm2d(8, momentum=0.9)\n"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to be in, with one mistake in ``model.py``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(WRONG)
    return tmp_path


def test_mistake_is_1_and_shown_with_its_line(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line that editors read, the source with carets, the remedy and what to do next."""
    assert run_command(["lint", "model.py"]) == 1
    place, _, source, carets, *rest = capsys.readouterr().out.splitlines()
    assert place.startswith("model.py:2:39: BN101 [*] ")
    assert source == f"2 | {WRONG.splitlines()[1]}"
    assert carets.startswith(f"  | {' ' * 38}^^^ if 0.9 was written for")
    assert rest == [
        "1 mistake in 1 file; --fix mends 1, marked [*]",
        "next: bnparity explain BN101",
    ]


def test_fix_leaves_no_mistake_and_is_0(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was mended is counted, and the file keeps its permissions."""
    (model / "model.py").chmod(0o755)
    assert run_command(["lint", "--fix", "."]) == 0
    assert capsys.readouterr().out == "no mistakes in 1 file, 1 mended\n"
    assert (model / "model.py").read_text() == WRONG.replace("0.9", "0.1")
    assert (model / "model.py").stat().st_mode & 0o777 == 0o755


def test_broken_file_does_not_hide_the_rest(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told in one line, and the others are checked."""
    (model / "broken.py").write_text("def f(:\n")
    assert run_command(["lint", "."]) == 1
    told = capsys.readouterr().out
    assert told.startswith("broken.py:1:1: BN100 not read: ")
    assert "model.py:2:39: BN101" in told


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command prints of the one mistake."""
    assert run_command(["lint", "model.py", *words]) == 1
    return capsys.readouterr().out


def test_json_has_place_and_edit(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program can find the mistake, and mend it."""
    (mistake,) = json.loads(shown(capsys, "--output-format", "json"))
    assert (mistake["code"], mistake["line"], mistake["column"]) == ("BN101", 2, 39)
    assert mistake["edit"] == {"start": [2, 38], "end": [2, 41], "text": "0.1"}


def test_github_has_an_annotation(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is one command of a workflow, at the line."""
    (line,) = shown(capsys, "--output-format", "github").splitlines()
    assert line.startswith(
        "::error file=model.py,line=2,endLine=2,col=39,endColumn=42,title=BN101::"
    )


def test_sarif_names_the_rule_and_the_place(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The result refers to a rule that the log describes."""
    log: dict[str, Any] = json.loads(shown(capsys, "--output-format", "sarif"))
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["BN101"]
    (result,) = run["results"]
    (location,) = result["locations"]
    assert result["ruleId"] == "BN101"
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "model.py"


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--ignore", "BN101"], 0), (["--select", "BN102"], 0), (["--select", "BN10,BN12"], 1)],
)
def test_rules_are_chosen(model: Path, words: list[str], code: int) -> None:
    """By their codes, or by how these begin."""
    assert run_command(["lint", "model.py", *words]) == code


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["modle.py"], "did you mean model.py"),
        (["model.py", "--select", "BN999"], "--select BN999: no rule begins so"),
        (
            ["model.py", "--select", "BN101", "--ignore", "BN1"],
            "--select BN101 and --ignore BN1: no rule is left",
        ),
        (["model.py", "--output-format", "jsn"], "did you mean json"),
        (["model.py", "--ported-from", "kears"], "did you mean keras"),
        (["/dev/null"], "no regular file"),
        (["model.py", "--fixx"], "--fixx"),
    ],
)
def test_wrong_words_are_2_and_one_line(
    model: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the value, and the remedy."""
    assert run_command(["lint", *words]) == 2
    out, line = capsys.readouterr()
    assert (out, line.count("\n")) == ("", 1)
    assert told in line


def test_nothing_to_check_is_3(model: Path) -> None:
    """A folder without Python is no pass."""
    (model / "empty").mkdir()
    assert run_command(["lint", "empty"]) == 3


def test_hook_of_this_repository_is_the_command(model: Path) -> None:
    """What pre-commit runs on the files of a commit finds the mistake in one."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *words = hook["entry"].split()
    assert (program, hook["types"]) == ("bnparity", ["python"])
    assert run_command([*words, "model.py"]) == 1


def test_sources_of_torch_raise_no_alarm() -> None:
    """The layers of PyTorch themselves are read to the end, and hold no mistake."""
    torch = find_spec("torch")
    if torch is None or torch.origin is None:
        pytest.skip("torch is not installed")
    layers = list(python_files([Path(torch.origin).parent / "nn" / "modules"]))
    assert len(layers) > 20
    assert [m for file in layers for m in lint_file(file, linting())] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_a_page_and_a_document(rule: Any) -> None:
    """`bnparity explain` says why it is a mistake, and the rule where that is written."""
    assert len(page(rule.code)) > 100
    assert rule.document.startswith("https://")
