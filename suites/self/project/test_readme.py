"""What the README shows is what happens."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bnparity.frontends.commands.settings import project
from stepping import run_step

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()

PYTEST = (
    "pytest -p bnparity.pytest_plugin --bn-backend my_kernel.py:batch_norm --pyargs bnparity_suites"
)

LAYER = "bnparity run my_model.py:MyNorm --examples 200"


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def python_with(text: str) -> str:
    """Return the one fenced block of Python in which a text stands."""
    (block,) = (block for block in blocks("python") if text in block)
    return block


def commands() -> list[str]:
    """Return every command that the README tells a reader to type."""
    lines = "".join(blocks("console")).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def codes(text: str) -> set[str]:
    """Return every ``field=value`` in `text`."""
    return set(re.findall(r"\w+=\w+", text))


def module_in(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run ``python -m`` with these words in a folder."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_every_command_of_the_readme_is_known_here() -> None:
    """A new command in the README needs a test of its own."""
    assert commands() == [
        "bnparity run my_kernel.py:batch_norm --examples 500",  # the next test
        "make parity",  # dry here, run for real by hand and by the CI workflow
        "make test",  # what runs this test
        LAYER,  # the test of the layer
        PYTEST,  # the test after that
    ]


def test_wrong_kernel_is_told_what_the_readme_says(tmp_path: Path) -> None:
    """The kernel as printed gets the codes as printed, and exit code 1."""
    (tmp_path / "my_kernel.py").write_text(blocks("python")[0])
    command = commands()[0].split()[1:]
    done = module_in(tmp_path, "bnparity", *command)
    assert done.returncode == 1, done
    (shown,) = blocks("text")
    assert codes(shown) == codes(done.stdout)


def test_layer_of_the_readme_is_judged_as_it_is(tmp_path: Path) -> None:
    """The module as printed is taken for one, and its one deviation is named."""
    (layer,) = [block for block in blocks("python") if "class MyNorm" in block]
    (tmp_path / "my_model.py").write_text(layer)
    done = subprocess.run(
        [sys.executable, "-m", *LAYER.split()[:-1], "20"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done
    assert "taken for a torch.nn.Module class" in done.stdout
    assert codes(done.stdout) >= {"running_variance=biased"}


def test_pytest_tells_the_wrong_kernel_the_same(tmp_path: Path) -> None:
    """Every rank fails, and between them they tell the codes as printed."""
    (tmp_path / "my_kernel.py").write_text(blocks("python")[0])
    done = module_in(tmp_path, *PYTEST.split())
    assert done.returncode == 1, done
    assert "4 failed" in done.stdout
    told = "".join(line for line in done.stdout.splitlines() if ": computed with" in line)
    (shown,) = blocks("text")
    assert codes(re.sub(r".* not asked: .*", "", shown)) == codes(told)


def test_step_of_the_readme_tells_what_is_known(tmp_path: Path) -> None:
    """In GitHub Actions the summary counts what is declared as printed, and the rest is news."""
    (tmp_path / "my_kernel.py").write_text(blocks("python")[0])
    (tmp_path / "known.toml").write_text(blocks("toml")[1])
    (step,) = (step["run"] for step in yaml.safe_load(blocks("yaml")[0]) if "run" in step)
    done = run_step(step.replace("--examples 500", "--examples 60 --in-process"), tmp_path)
    assert done.returncode == 1, done
    assert "**2 new findings; 1 known finding stands**" in (tmp_path / "summary.md").read_text()
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert len(annotations) == 2
    assert list((tmp_path / "parity").glob("findings/*/repro.py"))


def test_own_test_of_the_readme_judges_the_kernel(tmp_path: Path) -> None:
    """As printed it finds what the command finds, and one message tells it."""
    kernel, own = blocks("python")[0], python_with("bn_judge")
    (tmp_path / "my_kernel.py").write_text(kernel)
    (tmp_path / "test_own.py").write_text(own)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["bnparity.pytest_plugin"]')
    done = module_in(tmp_path, "pytest")
    assert done.returncode == 1, done
    assert "1 failed" in done.stdout
    assert "computed with momentum=old" in done.stdout


def test_python_of_the_readme_tells_what_the_command_does(tmp_path: Path) -> None:
    """As printed it runs, and names conventions that the printed run names."""
    kernel, use = blocks("python")[0], python_with("import bnparity")
    (tmp_path / "my_kernel.py").write_text(kernel)
    (tmp_path / "use.py").write_text(use)
    done = subprocess.run(
        [sys.executable, "use.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stdout.startswith("fail (")
    assert "convention momentum: new in numpy, old in my_kernel.py:batch_norm" in done.stdout


def test_settings_of_the_readme_are_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As printed they are read, and name the kernel."""
    (tmp_path / "pyproject.toml").write_text(blocks("toml")[0])
    monkeypatch.chdir(tmp_path)
    ours = project()
    assert ours.meant(list(ours.backends)) == ["my_kernel.py:batch_norm"]


@pytest.mark.parametrize("target", ["parity", "test", "soak", "lint", "types", "bench"])
def test_make_has_the_target(target: str) -> None:
    """The targets that README, CONTRIBUTING and CI name exist."""
    make = shutil.which("make")
    assert make is not None
    subprocess.run([make, "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_every_option_of_the_readme_exists() -> None:
    """Options in the text are options of the command."""
    helped = subprocess.run(
        [sys.executable, "-m", "bnparity", "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    named = set(
        re.findall(r"`(--[a-z-]+)", README.partition("`run` takes")[2].partition("\n\n")[0])
    )
    assert named
    assert all(option in helped for option in named), named


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    """Relative links and pictures are files of this checkout."""
    assert (ROOT / link).is_file()
