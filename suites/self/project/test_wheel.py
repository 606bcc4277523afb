"""What is released, installed where there is no checkout, judges anybody's function."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from bnparity import __version__

ROOT = Path(__file__).parents[3]
KERNEL = """
from bnparity.kernels.numpy_kernel import batch_norm as right

def batch_norm(x, *args, **kwargs):
    return {**right(x, *args, **kwargs), "output": x}
"""


CONSUMER = Path(__file__).with_name("consumer.py")


def run(*command: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command outside the checkout."""
    return subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sdist of this checkout, and the wheel built from that."""
    folder = tmp_path_factory.mktemp("built")
    done = run(
        sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Return the wheel."""
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the commands of an environment that has the wheel and pytest, and no checkout."""
    folder = tmp_path_factory.mktemp("installed")
    done = run(sys.executable, "-m", "venv", "env", cwd=folder)
    assert done.returncode == 0, done.stderr
    constraints = ROOT / ".ci" / "constraints.txt"
    pip = ["env/bin/python", "-m", "pip", "install", "--quiet", "--constraint", constraints]
    done = run(*pip, wheel, "pytest", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "env" / "bin"


def test_sdist_is_of_this_version_and_has_its_sources(built: Path) -> None:
    """What the documentation and the tests are made of is in it, and nothing that was made."""
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert path.name == f"bnparity-{__version__}.tar.gz"
    assert names >= {"LICENSE", "CHANGELOG.md", "documentation/conf.py", "harness/BOUNDS.md"}
    assert not [n for n in names if n.startswith((".venv/", ".envs/", "documentation/_build/"))]


def test_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """No generic name reaches a user's site-packages, and no test of bnparity's own."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"bnparity", "bnparity_reference", "bnparity_suites", "bnparity_reports"}
    for data in (
        "bnparity/results/results.schema.json",
        "bnparity/backends/pins/mindspore.txt",
        "bnparity/py.typed",
        "bnparity/BOUNDS.md",
        "bnparity_reports/page.css",
        "bnparity_reports/page.js",
        "bnparity_reports/page.html.j2",
        "bnparity_reports/parts.html.j2",
        "bnparity_reports/tables.html.j2",
        "bnparity_reports/differences.html.j2",
        "bnparity/porting/claims/examples/torch_batchnorm1d.py",
    ):
        assert data in names


def test_wheel_judges_a_function_from_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """In an empty environment the command finds what is wrong, and writes the report."""
    (tmp_path / "kernel.py").write_text(KERNEL)
    backend, bnparity = "kernel.py:batch_norm", installed / "bnparity"
    done = run(bnparity, "run", backend, "--examples", "50", "--html", "r.html", cwd=tmp_path)
    assert done.returncode == 1, done
    assert "output" in done.stdout
    assert "bnparity[charts]" in (tmp_path / "r.html").read_text()
    listed = run(bnparity, "backends", cwd=tmp_path).stdout
    assert "- torch" in listed
    assert "+ numpy" in listed
    suites = ("--bn-backend", backend, "--pyargs", "bnparity_suites")
    done = run(installed / "pytest", "-p", "bnparity.pytest_plugin", *suites, cwd=tmp_path)
    assert done.returncode == 1, done
    assert "4 failed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    "checker",
    [("mypy", "--strict", "--python-executable"), ("pyright", "--pythonpath")],
    ids=["mypy", "pyright"],
)
def test_types_of_public_names_reach_a_user(
    installed: Path, tmp_path: Path, checker: tuple[str, ...]
) -> None:
    """What a user writes with them is accepted, and each has the type that it is said to have."""
    shutil.copy(CONSUMER, tmp_path / "use.py")
    words = [*checker, installed / "python", "use.py"]
    done = run(sys.executable, "-m", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
