"""What the pages of the documentation show is what happens."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from bnparity.backends.open import Capabilities
from bnparity.cli import app, run_command
from bnparity.frontends.commands.ended import (
    ACCEPTABLE,
    FINDINGS,
    INTERRUPTED,
    NOTHING_CHECKED,
    WRONG_WORDS,
)
from bnparity.frontends.commands.settings import project
from reading import blocks, codes, commands, module_in, page, written_pages
from stepping import run_step
from typer.main import get_command

WRONG = "tutorial/wrong_kernel.md"
PORTED = "tutorial/port_a_layer.md"
IN_CI = "tutorial/parity_in_ci.md"
PYTEST = (
    "pytest -p bnparity.pytest_plugin --bn-backend my_kernel.py:batch_norm --pyargs bnparity_suites"
)
KERNEL = blocks(page(WRONG), "python")[0]


def test_every_command_of_the_pages_is_known_here() -> None:
    """A new command in a page needs a test of its own."""
    told = {name: commands(text) for name, text in written_pages().items()}
    assert {name: typed for name, typed in told.items() if typed} == {
        "documentation/how-to/in_your_tests.md": [PYTEST],
        f"documentation/{PORTED}": [
            'bnparity translate "torch.nn.BatchNorm2d(64, momentum=0.2)" --to mindspore',
            'bnparity translate "torch.nn.BatchNorm2d(64, momentum=None)" --to mindspore',
        ],
        f"documentation/{WRONG}": [
            "bnparity run my_kernel.py:batch_norm --examples 500",
            "bnparity explain running_variance=biased",
        ],
    }


def test_wrong_kernel_is_told_what_the_page_says(tmp_path: Path) -> None:
    """The kernel as printed gets the codes as printed, and exit code 1."""
    (tmp_path / "my_kernel.py").write_text(KERNEL)
    done = module_in(tmp_path, *commands(page(WRONG))[0].split())
    assert done.returncode == 1, done
    assert codes(blocks(page(WRONG), "text")[0]) == codes(done.stdout)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        *zip(commands(page(WRONG))[1:], blocks(page(WRONG), "text")[1:], strict=True),
        *zip(commands(page(PORTED)), blocks(page(PORTED), "text"), strict=True),
    ],
)
def test_answer_is_printed_as_shown(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the letter, on standard output or as an error."""
    run_command(shlex.split(command)[1:])
    told = capsys.readouterr()
    assert told.out + told.err == shown


def test_python_of_the_port_runs() -> None:
    """As printed it says the layer in the other API."""
    done = subprocess.run(
        [sys.executable, "-c", blocks(page(PORTED), "python")[0]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("torch.nn.BatchNorm2d(64)\n")


def test_pytest_tells_the_wrong_kernel_the_same(tmp_path: Path) -> None:
    """Every rank fails, and between them they tell the codes as printed."""
    (tmp_path / "my_kernel.py").write_text(KERNEL)
    done = module_in(tmp_path, *PYTEST.split())
    assert done.returncode == 1, done
    assert "4 failed" in done.stdout
    told = "".join(line for line in done.stdout.splitlines() if ": computed with" in line)
    shown = blocks(page(WRONG), "text")[0]
    assert codes(re.sub(r".* not asked: .*", "", shown)) == codes(told)


def test_step_of_the_page_tells_what_is_known(tmp_path: Path) -> None:
    """In GitHub Actions the summary counts what is declared as printed, and the rest is news."""
    (tmp_path / "my_kernel.py").write_text(KERNEL)
    (tmp_path / "known.toml").write_text(blocks(page(IN_CI), "toml")[0])
    steps = yaml.safe_load(blocks(page(IN_CI), "yaml")[0])
    (step,) = (step["run"] for step in steps if "run" in step)
    done = run_step(step.replace("--examples 500", "--examples 60 --in-process"), tmp_path)
    assert done.returncode == 1, done
    assert "**2 new findings; 1 known finding stands**" in (tmp_path / "summary.md").read_text()
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert len(annotations) == 2
    assert list((tmp_path / "parity").glob("findings/*/repro.py"))


def test_own_test_of_the_page_judges_the_kernel(tmp_path: Path) -> None:
    """As printed it finds what the command finds, and one message tells it."""
    (own,) = blocks(page("how-to/in_your_tests.md"), "python")
    (tmp_path / "my_kernel.py").write_text(KERNEL)
    (tmp_path / "test_own.py").write_text(own)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["bnparity.pytest_plugin"]')
    done = module_in(tmp_path, "pytest")
    assert done.returncode == 1, done
    assert "1 failed" in done.stdout
    assert "computed with momentum=old" in done.stdout


def test_python_of_the_page_tells_what_the_command_does(tmp_path: Path) -> None:
    """As printed it runs, and names conventions that the printed run names."""
    (use,) = blocks(page("how-to/from_python.md"), "python")
    (tmp_path / "my_kernel.py").write_text(KERNEL)
    (tmp_path / "use.py").write_text(use)
    done = module_in(tmp_path, "use")
    assert done.returncode == 0, done
    assert done.stdout.startswith("fail (")
    assert "convention momentum: new in numpy, old in my_kernel.py:batch_norm" in done.stdout


def test_settings_of_the_page_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As printed they are read, and name the kernel."""
    (settings,) = blocks(page("how-to/command_line.md"), "toml")
    (tmp_path / "pyproject.toml").write_text(settings)
    monkeypatch.chdir(tmp_path)
    ours = project()
    assert ours.meant(list(ours.backends)) == ["my_kernel.py:batch_norm"]


@pytest.mark.parametrize(("name", "text"), written_pages().items())
def test_every_option_of_the_pages_exists(name: str, text: str) -> None:
    """Options in the text are options of some command, or of pytest as the plugin has them."""
    own = re.sub(r"`ray [^`]*`", "", text)  # another program's command has options of its own
    named = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", own))
    ours = {option for option in named if not option.startswith("--bn-")} - {"--pyargs"}
    assert ours - set(_options(get_command(app))) == set(), name


def _options(command: Any) -> Iterator[str]:
    yield "--help"
    for inner in getattr(command, "commands", {}).values():
        yield from _options(inner)
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def test_exit_codes_of_the_page_are_all_there_are() -> None:
    """Each is told, and no other."""
    told = re.findall(r"^\| (\d+) \|", page("reference/exit_codes.md"), flags=re.MULTILINE)
    codes_of_commands = (ACCEPTABLE, FINDINGS, WRONG_WORDS, NOTHING_CHECKED, INTERRUPTED)
    assert tuple(map(int, told)) == codes_of_commands


#: What an adapter says of the layer that it makes a backend of; no author writes these.
OF_ADAPTERS = {"taken_for", "affines", "tracked", "fixed", "channels", "under_way", "formats"}
#: What is looked for on a function when it is opened or called, and is no capability.
OF_FUNCTIONS = {"device", "layouts", "read_only", "probe", "prepare", "set_threads"}


def test_page_has_every_attribute_of_a_backend() -> None:
    """Each that a function may have has a row, and no row is of another."""
    rows = re.findall(r"^\| `(\w+)` \|", page("how-to/your_backend.md"), flags=re.MULTILINE)
    said = {field.name for field in fields(Capabilities)}
    assert len(rows) == len(set(rows))
    assert set(rows) == said - OF_ADAPTERS | OF_FUNCTIONS
