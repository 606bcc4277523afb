"""How much a command prints, and where its JSON goes."""

import json
from pathlib import Path

import pytest
from bnparity.cli import run_command

RUN = ["run", "wrong.py:batch_norm", "--examples", "15", "--in-process"]


@pytest.fixture(autouse=True)
def _inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of a run of a right kernel."""
    path = tmp_path_factory.mktemp("results") / "r.json"
    words = ["run", "numpy", "--examples", "30", "--in-process", "--json", str(path), "-qq"]
    assert run_command(words) == 0
    return path


def test_json_alone_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """It can be piped: it is the results, and the scripts it names are found from here."""
    assert run_command([*RUN, "--json", "-"]) == 1
    (backend,) = json.loads(capsys.readouterr().out)["backends"]
    assert backend["findings"]
    assert all(Path(finding["repro"]).is_file() for finding in backend["findings"])
    assert not Path("-").exists()


def test_quiet_is_a_line_a_backend(capsys: pytest.CaptureFixture[str]) -> None:
    """Its verdict and its name, no progress; and a file may be called as standard output is."""
    assert run_command([*RUN, "-q", "--json", "./-"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("fail   wrong.py:batch_norm\n", "")
    assert json.loads(Path("-").read_text())["backends"]


def test_twice_quiet_is_the_exit_code(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mistakes are told all the same."""
    assert run_command(["report", str(results), "-qq"]) == 0
    assert capsys.readouterr().out == ""
    assert run_command([*RUN, "-qq"]) == 1
    assert tuple(capsys.readouterr()) == ("", "")
    assert run_command(["run", "torhc", "-qq"]) == 2
    assert "torch" in capsys.readouterr().err


def test_verbose_tells_what_is_hidden_else(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Versions, the interpreter and how sums are taken; and it does not offer itself."""
    run_command(["report", str(results), "-v"])
    told = capsys.readouterr().out
    assert told.startswith("bnparity ")
    assert "on cpu; " in told
    assert "(wide) in every output" in " ".join(told.split())
    assert told.splitlines()[-1] == "next: --html FILE writes a page to look at"


def test_differences_are_json_too(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing else is printed beside them."""
    assert run_command(["diff", str(results), str(results), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_conventions_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The results of `semantics` have them, by the dialect that was asked for."""
    words = ["semantics", "right.py:batch_norm", "--examples", "5", "--dialect", "mindspore"]
    run_command([*words, "--json", "-"])
    (backend,) = json.loads(capsys.readouterr().out)["backends"]
    assert backend["dialect"] == "mindspore"
    (momentum,) = {r["declared"] for r in backend["conventions"] if r["field"] == "momentum"}
    assert momentum == "old"


def test_translation_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The call apart from what is said of it."""
    words = ["translate", "torch.nn.BatchNorm2d(64, momentum=0.2)", "--to", "mindspore"]
    assert run_command([*words, "--json", "-"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["translated"] == "mindspore.nn.BatchNorm2d(64, momentum=0.8)"
    assert said["comments"][0].startswith("note: a new layer of mindspore's infers")
