"""The command line: exit codes, and what each stands for."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commanding import ONE_FORMAT, bnparity, heed_interrupts


def test_acceptable_is_0(folder: Path) -> None:
    """A right kernel is left in peace."""
    done = bnparity("run", "right.py:batch_norm", "--examples", "50", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "pass" in done.stdout


def test_finding_is_1_and_is_named(folder: Path) -> None:
    """A wrong kernel is told what it does instead."""
    done = bnparity("run", "wrong.py:batch_norm", "--examples", "50", cwd=folder)
    assert done.returncode == 1, done.stderr
    assert "momentum=old" in done.stdout


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
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # no thread is there yet
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the first line of progress: it is at work
        os.kill(process.pid, signal.SIGINT)
        last = process.stderr.read().splitlines()[-1]
    assert process.returncode == 130
    assert re.fullmatch(r"bnparity: interrupted after \d+ cases of numpy; this is .*", last)
    (backend,) = json.loads((folder / "r.json").read_text())["backends"]
    assert f"after {backend['cases']} cases" in last


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


def test_format_that_is_not_taken_is_no_pass(folder: Path) -> None:
    """What was asked for and not checked is told, with the attribute that would have it checked."""
    (folder / "one.py").write_text(ONE_FORMAT)
    words = ("run", "one.py:batch_norm", "--dtype", "float32,float64", "--examples", "30")
    done = bnparity(*words, "--in-process", cwd=folder)
    assert done.returncode == 1, done
    told = " ".join(done.stdout.split())
    assert "float64 was asked for and not checked: it takes float32;" in told
    assert "batch_norm.dtypes = ('float32', 'float64')" in told


def test_semantics_shows_declared_and_measured(folder: Path) -> None:
    """A backend that follows its dialect is acceptable, one that does not is marked."""
    right = bnparity("semantics", "right.py:batch_norm", "--examples", "80", cwd=folder)
    assert right.returncode == 0, right
    assert re.search(r"^  momentum +new +new$", right.stdout, re.MULTILINE)
    wrong = bnparity("semantics", "wrong.py:batch_norm", "--examples", "80", cwd=folder)
    assert wrong.returncode == 1, wrong
    line = r"^! momentum +new +old in running_mean, running_var$"
    assert re.search(line, wrong.stdout, re.MULTILINE)


def test_measured_dialect_can_be_pasted(folder: Path) -> None:
    """Whoever declares what was measured follows it; that it calls our kernel is another matter."""
    target = ("wrong.py:batch_norm", "--examples", "80")
    last = bnparity("semantics", *target, cwd=folder).stdout.splitlines()[-1]
    assert last == "as measured: --dialect torch,momentum=old"
    done = bnparity("run", *target, *last.split()[2:], cwd=folder)
    assert done.stdout.startswith("untrusted"), done
    assert "it is the same code" in " ".join(done.stdout.split())


def test_bare_command_shows_the_help_and_is_no_success(folder: Path) -> None:
    """Whoever types the name alone wants to know what there is."""
    done = bnparity(cwd=folder)
    assert done.returncode == 2
    assert "Usage: bnparity" in done.stdout
    assert done.stderr == "bnparity: name a command\n"


@pytest.fixture
def package(folder: Path) -> Path:
    """Return a folder with a package in it, whose kernel imports its neighbour."""
    (folder / "pkg").mkdir()
    (folder / "pkg" / "__init__.py").touch()
    (folder / "pkg" / "inner.py").write_text((folder / "right.py").read_text())
    (folder / "pkg" / "kernel.py").write_text("from .inner import batch_norm\n")
    return folder


def test_function_of_a_package_here_is_found_by_its_name(package: Path) -> None:
    """The current folder is on the path, as for `python -m`."""
    done = bnparity("run", "pkg.kernel:batch_norm", "--examples", "5", cwd=package)
    assert done.returncode in (0, 1), done
    assert "5 cases" in " ".join(done.stdout.split())


def test_file_that_belongs_to_a_package_is_told_how_to_be_named(package: Path) -> None:
    """The line that failed is told, and the name that would do."""
    done = bnparity("run", "pkg/kernel.py:batch_norm", "--examples", "5", cwd=package)
    assert done.returncode == 2
    assert "(line 1: from .inner import batch_norm)" in done.stderr
    assert done.stderr.endswith("name it as part of its package: pkg.kernel:...\n")


@pytest.mark.parametrize("words", [("-h",), ("run", "-h")])
def test_short_option_for_help(folder: Path, words: tuple[str, ...]) -> None:
    """As everywhere else."""
    done = bnparity(*words, cwd=folder)
    assert done.returncode == 0
    assert "Usage:" in done.stdout
