"""The command line: exit codes, and one line for whatever is wrong with the words."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RIGHT = """
from bnparity.kernels.numpy_kernel import batch_norm
"""
ODD = """
def ranks(*args, **kwargs): ...
def outputs(*args, **kwargs): ...
def dtypes(*args, **kwargs): ...
def dialect(*args, **kwargs): ...
def accumulation(*args, **kwargs): ...
ranks.ranks = (1, 2)
outputs.outputs = ("outptu",)
dtypes.dtypes = ("float31",)
dialect.dialect = "torhc"
accumulation.accumulation = "kahan"
"""
ONE_FORMAT = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, **kwargs):
    return numpy_kernel.batch_norm(*args, **kwargs)
"""
WRONG = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, momentum, **kwargs):
    other_way_round = None if momentum is None else 1 - momentum
    return numpy_kernel.batch_norm(*args, momentum=other_way_round, **kwargs)
"""
DEMANDING = """
import os

import numpy as np
from right import batch_norm as right

def dying(x, *args, training, **kwargs):
    if training and len(x) > 3:
        os._exit(3)
    return right(x, *args, training=training, **kwargs)

def hungry(x, *args, **kwargs):
    if len(x) > 3:
        np.ones(1 << 28)
    return right(x, *args, **kwargs)
"""
NULL = """
{"schema": "bnparity-finding/1", "backend": "right.py:batch_norm", "dialect": "mindspore",
 "case": {"shape": [2, 1], "momentum": null}}
"""


def bnparity(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command in `cwd`."""
    command = [sys.executable, "-m", "bnparity", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a right kernel, a wrong one, and files that are neither."""
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)
    (tmp_path / "demanding.py").write_text(DEMANDING)
    (tmp_path / "three.py").write_text("batch_norm = 3")
    (tmp_path / "broken.py").write_text("import nowhere_to_be_found")
    (tmp_path / "cut.json").write_text('{"schema": "bnparity-results/1", "run": {')
    (tmp_path / "other.json").write_text('{"schema": "something else"}')
    (tmp_path / "null.json").write_text(NULL)
    (tmp_path / "file").write_text("")
    (tmp_path / "odd.py").write_text(ODD)
    return tmp_path


def test_acceptable_is_0(folder: Path) -> None:
    """A right kernel is left in peace."""
    done = bnparity("run", "right.py:batch_norm", "--examples", "50", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "pass" in done.stdout


@pytest.mark.parametrize(
    ("function", "limit", "told"),
    [
        ("dying", ("--restarts", "2"), "given up after 2 restarts"),
        ("hungry", ("--memory", "512M"), "MemoryError: Unable to allocate 2.00 GiB"),
    ],
)
def test_limit_of_a_process_is_an_option(
    folder: Path, function: str, limit: tuple[str, str], told: str
) -> None:
    """Beyond it there is a finding, and what was answered before is kept."""
    arguments = ("--examples", "50", "--json", "r.json", *limit)
    done = bnparity("run", f"demanding.py:{function}", *arguments, cwd=folder)
    assert done.returncode == 1, done
    (backend,) = json.loads((folder / "r.json").read_text())["backends"]
    assert told in " ".join(finding["text"] for finding in backend["findings"])
    assert backend["checks"] > 0


def test_backend_that_was_given_up_has_no_case_to_repeat(folder: Path) -> None:
    """The case that was drawn then was not asked: a script of it would show nothing."""
    arguments = ("--examples", "50", "--restarts", "2", "--json", "r.json")
    bnparity("run", "demanding.py:dying", *arguments, cwd=folder)
    (backend,) = json.loads((folder / "r.json").read_text())["backends"]
    (given_up,) = (f for f in backend["findings"] if "given up" in f["text"])
    assert given_up["case"] is None
    assert given_up["repro"] is None


def test_finding_is_1_and_is_named(folder: Path) -> None:
    """A wrong kernel is told what it does instead."""
    done = bnparity("run", "wrong.py:batch_norm", "--examples", "50", cwd=folder)
    assert done.returncode == 1, done.stderr
    assert "momentum=old" in done.stdout


MISTAKES = {
    "unknown backend": (["run", "torhc"], "torch"),
    "missing file": (["run", "nowhere.py:batch_norm"], "nowhere.py"),
    "not callable": (["run", "three.py:batch_norm"], "int"),
    "not importable": (["run", "broken.py:batch_norm"], "nowhere_to_be_found"),
    "unknown module": (["run", "no_such_package.kernels:f"], "no_such_package"),
    "unknown variant": (["run", "torch[chanels_last]", "--examples", "1"], "chanels_last"),
    "unknown dtype": (["run", "numpy", "--dtype", "float31"], "float31"),
    "no examples": (["run", "numpy", "--examples", "0"], "--examples 0"),
    "negative examples": (["run", "numpy", "--examples", "-3"], "--examples -3"),
    "examples in words": (["run", "numpy", "--examples", "many"], "many"),
    "no time": (["run", "numpy", "--time", "0s"], "--time"),
    "odd time": (["run", "numpy", "--time", "soon"], "soon"),
    "no timeout": (["run", "numpy", "--timeout", "0"], "--timeout 0"),
    "no memory": (["run", "numpy", "--memory", "1M"], "--memory 1M: give 256M at least"),
    "memory in words": (["run", "numpy", "--memory", "lots"], "--memory lots: not a size"),
    "less than no restarts": (["run", "numpy", "--restarts", "-1"], "--restarts -1: give 0"),
    "unknown dialect": (["run", "numpy", "--dialect", "torhc"], "torhc"),
    "unknown requirement": (["run", "numpy", "--require", "torhc"], "torhc"),
    "unknown option": (["run", "numpy", "--exampels", "3"], "--exampels"),
    "unknown command": (["rnu"], "rnu"),
    "no command": ([], "--help"),
    "function as pytest has it": (["run", "right.py::batch_norm"], "write right.py:batch_norm"),
    "unwritable report": (["run", "numpy", "--html", "file/report.html"], "file/report.html"),
    "folder as report": (["run", "numpy", "--json", "."], "folder"),
    "device as report": (["run", "numpy", "--json", "/dev/null"], "/dev/null"),
    "unknown rank": (["run", "odd.py:ranks"], "a rank is an integer from 2 to 8"),
    "unknown output": (["run", "odd.py:outputs"], "outptu"),
    "unknown dtype of a function": (["run", "odd.py:dtypes"], "float31"),
    "unknown dialect of a function": (["run", "odd.py:dialect"], "torhc"),
    "unknown accumulation": (["run", "odd.py:accumulation"], "'kahan': choose from wide"),
    "endless timeout": (["run", "numpy", "--timeout", "99999999999999h"], "99999999999999h"),
    "cut results": (["report", "cut.json", "--html", "out.html"], "cut.json"),
    "other results": (["report", "other.json", "--html", "out.html"], "other.json"),
    "missing results": (["report", "gone.json", "--html", "out.html"], "gone.json"),
    "unwritable summary": (["run", "numpy", "--markdown", "file/a.md"], "file/a.md"),
    "unwritable XML": (["run", "numpy", "--junit", "file/a.xml"], "file/a.xml"),
    "cut finding": (["replay", "cut.json"], "cut.json"),
    "no finding": (["replay", "other.json"], "other.json"),
    "momentum of another dialect": (["replay", "null.json"], "momentum of the case is null"),
    "conventions of no backend": (["semantics", "torhc"], "torch"),
    "conventions of no cases": (["semantics", "numpy", "--examples", "0"], "--examples 0"),
    "unknown environment": (["env", "create", "mindspoer"], "did you mean mindspore"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_wrong_words_are_2_and_one_line(folder: Path, mistake: str) -> None:
    """The line names the value; there is no traceback, and nothing is written."""
    before = sorted(folder.iterdir())
    arguments, named = MISTAKES[mistake]
    done = bnparity(*arguments, cwd=folder)
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert done.stdout == ""
    assert [path for path in sorted(folder.iterdir()) if path.name != "__pycache__"] == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["mindspore", "--dtype", "float64"],
        ["mindspore", "--dtype", "bfloat16", "--in-process"],
    ],
)
def test_nothing_checked_is_3(folder: Path, arguments: list[str]) -> None:
    """A run that executed no case is no success."""
    done = bnparity("run", *arguments, "--examples", "5", cwd=folder)
    assert done.returncode == 3, done
    assert "nothing was checked" in done.stderr


def test_run_leaves_a_summary_and_xml(folder: Path) -> None:
    """Both are made again from the results, to the letter, and name what is wrong."""
    files = ["--json", "r.json", "--markdown", "r.md", "--junit", "r.xml"]
    bnparity("run", "wrong.py:batch_norm", "--examples", "60", *files, cwd=folder)
    again = ["--markdown", "again.md", "--junit", "again.xml"]
    assert bnparity("report", "r.json", *again, cwd=folder).returncode == 0
    for suffix in ("md", "xml"):
        text = (folder / f"r.{suffix}").read_text()
        assert "wrong.py:batch_norm" in text
        assert "repro.py" in text
        assert (folder / f"again.{suffix}").read_text() == text


def test_required_backend_that_is_missing_is_1(folder: Path) -> None:
    """What is missing does not look like what passed."""
    (folder / "absent.py").write_text(
        "def batch_norm(*a, **k): ...\nbatch_norm.probe = lambda: {'reason': 'it is not here'}"
    )
    done = bnparity(
        "run", "numpy", "--require", "absent.py:batch_norm", "--examples", "5", cwd=folder
    )
    assert done.returncode == 1, done
    assert "absent.py:batch_norm is required, but it is not here" in done.stderr


def test_run_leaves_results_a_report_and_findings_to_replay(folder: Path) -> None:
    """Results are read back into the same report, and a finding fails again."""
    files = ["--json", "out/r.json", "--html", "out/r.html"]
    bnparity("run", "wrong.py:batch_norm", "--examples", "60", *files, cwd=folder)
    results = json.loads((folder / "out/r.json").read_text())
    (repro,) = {f["repro"] for b in results["backends"] for f in b["findings"]}
    finding = (folder / "out" / repro).parent
    backend = f"{folder / 'wrong.py'}:batch_norm"
    elsewhere = bnparity("replay", finding, "--backend", backend, cwd=folder / "out")
    assert elsewhere.returncode == 1, elsewhere
    script = [sys.executable, folder / "out" / repro]
    shown = subprocess.run(script, capture_output=True, text=True, check=False)
    assert shown.returncode == 1, shown
    assert "The deviation is there." in shown.stdout
    assert bnparity("report", "out/r.json", "--html", "again.html", cwd=folder).returncode == 0
    assert (folder / "again.html").read_text() == (folder / "out/r.html").read_text()
    untold = bnparity("replay", finding / "finding.json", cwd=folder)
    assert untold.returncode == 2, untold
    assert "--backend" in untold.stderr
    mended = bnparity("replay", finding, "--backend", "right.py:batch_norm", cwd=folder)
    assert mended.returncode == 0, mended


def test_backends_are_listed_with_what_is_missing(folder: Path) -> None:
    """Every built-in backend has a line."""
    done = bnparity("backends", cwd=folder)
    assert done.returncode == 0
    assert {line.split()[1] for line in done.stdout.splitlines()} >= {"numpy", "torch", "mindspore"}


def test_semantics_shows_declared_and_measured(folder: Path) -> None:
    """A backend that follows its dialect is acceptable, one that does not is marked."""
    right = bnparity("semantics", "right.py:batch_norm", "--examples", "80", cwd=folder)
    assert right.returncode == 0, right
    assert "  momentum              new             new" in right.stdout
    wrong = bnparity("semantics", "wrong.py:batch_norm", "--examples", "80", cwd=folder)
    assert wrong.returncode == 1, wrong
    line = "! momentum              new             old in running_mean, running_var"
    assert line in wrong.stdout


def test_interrupt_leaves_what_is_known(folder: Path) -> None:
    """Ctrl-C is no crash: the verdict so far is printed and written, and a line says how far."""
    command = [
        sys.executable,
        "-m",
        "bnparity",
        "run",
        "numpy",
        "--time",
        "60s",
        "--json",
        "r.json",
    ]
    with subprocess.Popen(
        command,
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        # A shell in the background starts its children with interrupts ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first line of progress: it is at work
        os.kill(process.pid, signal.SIGINT)
        last = process.stderr.read().splitlines()[-1]
    assert process.returncode == 130
    assert re.fullmatch(r"bnparity: interrupted after \d+ cases of numpy; this is .*", last)
    (backend,) = json.loads((folder / "r.json").read_text())["backends"]
    assert f"after {backend['cases']} cases" in last


def test_format_that_is_not_taken_is_no_pass(folder: Path) -> None:
    """What was asked for and not checked is told, with the attribute that would have it checked."""
    (folder / "one.py").write_text(ONE_FORMAT)
    words = ("run", "one.py:batch_norm", "--dtype", "float32,float64", "--examples", "30")
    done = bnparity(*words, "--in-process", cwd=folder)
    assert done.returncode == 1, done
    told = " ".join(done.stdout.split())
    assert "float64 was asked for and not checked: it takes float32;" in told
    assert "batch_norm.dtypes = ('float32', 'float64')" in told


def test_report_without_a_file_is_printed(folder: Path) -> None:
    """The text of the run, once more."""
    words = (
        "run",
        "right.py:batch_norm",
        "--examples",
        "20",
        "--in-process",
        "--json",
        "again.json",
    )
    first = bnparity(*words, cwd=folder).stdout
    assert bnparity("report", "again.json", cwd=folder).stdout == first


def test_findings_are_kept_where_no_file_is_asked_for(folder: Path) -> None:
    """In a folder that git ignores; the commands that are printed show them again."""
    done = bnparity("run", "wrong.py:batch_norm", "--examples", "40", cwd=folder)
    assert (folder / ".bnparity" / ".gitignore").read_text() == "*\n"
    lines = [line.strip() for line in done.stdout.splitlines()]
    (replay,) = {line for line in lines if line.startswith("replay: ")}
    words = shlex.split(replay.removeprefix("replay: "))
    assert words[:2] == ["bnparity", "replay"]
    assert bnparity(*words[1:], cwd=folder).returncode == 1


def test_run_without_findings_keeps_nothing(folder: Path) -> None:
    """A folder of ours appears where there is something to keep, and nowhere else."""
    place = folder / "clean"
    place.mkdir()
    done = bnparity("run", "../right.py:batch_norm", "--examples", "60", "--in-process", cwd=place)
    assert done.returncode == 0, done
    assert not (place / ".bnparity").exists()


@pytest.mark.parametrize("words", [("-h",), ("run", "-h")])
def test_short_option_for_help(folder: Path, words: tuple[str, ...]) -> None:
    """As everywhere else."""
    done = bnparity(*words, cwd=folder)
    assert done.returncode == 0
    assert "Usage:" in done.stdout
