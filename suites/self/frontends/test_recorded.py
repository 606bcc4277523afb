"""`bnparity cases` and `bnparity judge`, as a user has them."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from bnparity.cli import run_command
from safetensors.numpy import save_file

X = np.random.default_rng(0).standard_normal((4, 3)).astype("f4")
Y = ((X - X.mean(0)) / np.sqrt(X.var(0) + np.float32(1e-5))).astype("f4")
GIVEN = ("--training", "--eps", "1e-5")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_right_dump_is_acceptable(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and what was not recorded is told."""
    np.savez("dump.npz", x=X, output=Y)
    assert run_command(["judge", "dump.npz", *GIVEN]) == 0
    told = capsys.readouterr().out
    assert "dump.npz follows the torch dialect: output accurate" in " ".join(told.split())
    assert "not recorded, and so not checked: running_mean, running_var, grad_input" in told
    assert [path.name for path in Path().iterdir()] == ["dump.npz"]


def test_wrong_dump_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, with the convention; the results have the schema, and are a baseline."""
    state = {"running_mean": np.zeros(3, "f4"), "running_var": np.ones(3, "f4")}
    after = {"new_running_mean": (0.9 * X.mean(0)).astype("f4")}
    save_file({"x": X, "output": Y, **state, **after}, "dump.safetensors")
    command = ["judge", "dump.safetensors", *GIVEN, "--momentum", "0.1"]
    assert run_command([*command, "--json", "r.json"]) == 1
    assert "computed with momentum=old" in " ".join(capsys.readouterr().out.split())
    (finding,) = json.loads(Path("r.json").read_text())["backends"][0]["findings"]
    assert (finding["codes"], finding["repro"]) == (["momentum=old"], None)
    assert run_command([*command, "--baseline", "r.json"]) == 0
    assert run_command(["report", "r.json", "--html", "r.html"]) == 0


def test_what_is_read_is_never_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    """A dump as its own report, and results as theirs: neither is lost."""
    np.savez("dump.npz", x=X, output=Y)
    assert run_command(["judge", "dump.npz", *GIVEN, "--json", "r.json"]) == 0
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    for words in (["judge", "dump.npz", *GIVEN], ["report", "r.json"]):
        capsys.readouterr()
        assert run_command([*words, "--markdown", words[1]]) == 2
        assert f"'{words[1]}' is read, and would be lost" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "tensor.npy",
            "'tensor.npy' holds one array: give the folder that has x.npy",
        ),
        ("noise.pt", "it is no file of torch.save: save the tensors again"),
    ],
)
def test_file_that_holds_no_call_is_told_apart(
    name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By what it is, and what to give instead."""
    np.save("tensor.npy", X)
    Path("noise.pt").write_bytes(b"noise" * 99)
    assert run_command(["judge", name, *GIVEN]) == 2
    assert told in capsys.readouterr().err


def test_nothing_recorded_is_nothing_checked() -> None:
    """Exit code 3: no output is no pass."""
    np.savez("dump.npz", x=X)
    assert run_command(["judge", "dump.npz", *GIVEN]) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["judge", "dmup.npz"], "there is no 'dmup.npz'"),
        (["judge", ".", "--dialect", "trch"], "did you mean torch"),
        (["judge", "."], "no file of tensors"),
        (["cases", "--out", "s", "--examples", "0"], "--examples 0"),
        (["cases", "--out", "s", "--dialect", "trch"], "did you mean torch"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and how to mend it."""
    assert run_command(words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_thousands_of_calls_are_judged_quickly() -> None:
    """Of a small layer, 300 in a second, counted in time of this process alone."""
    calls = {f"{i}/{name}": array for i in range(600) for name, array in (("x", X), ("output", Y))}
    save_file(calls, "dump.safetensors")
    start = time.process_time()
    assert run_command(["judge", "dump.safetensors", *GIVEN, "-q"]) == 0
    assert time.process_time() - start < 600 / 300
