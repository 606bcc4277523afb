"""The wheel, installed where there is no checkout, judges anybody's function."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KERNEL = """
from bnparity.kernels.numpy_kernel import batch_norm as right

def batch_norm(x, *args, **kwargs):
    return {**right(x, *args, **kwargs), "output": x}
"""


def run(*command: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command outside the checkout."""
    return subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    done = run(*build, cwd=folder)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


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


def test_wheel_judges_a_function_from_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """In an empty environment the command finds what is wrong, and writes the report."""
    constraints = ROOT / ".ci" / "constraints.txt"
    done = run(sys.executable, "-m", "venv", "env", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    pip = ["env/bin/python", "-m", "pip", "install", "--quiet", "--constraint", constraints]
    done = run(*pip, wheel, "pytest", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "kernel.py").write_text(KERNEL)
    backend = "kernel.py:batch_norm"
    done = run(
        "env/bin/bnparity", "run", backend, "--examples", "50", "--html", "r.html", cwd=tmp_path
    )
    assert done.returncode == 1, done
    assert "output" in done.stdout
    assert "bnparity[charts]" in (tmp_path / "r.html").read_text()
    listed = run("env/bin/bnparity", "backends", cwd=tmp_path).stdout
    assert "- torch" in listed
    assert "+ numpy" in listed
    suites = ("--bn-backend", backend, "--pyargs", "bnparity_suites")
    done = run("env/bin/pytest", "-p", "bnparity.pytest_plugin", *suites, cwd=tmp_path)
    assert done.returncode == 1, done
    assert "4 failed" in done.stdout, done.stdout
