"""What the README shows is what happens."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from reading import README, ROOT, blocks, codes, commands, module_in

LAYER = "bnparity run my_model.py:MyNorm --examples 200"
BACKEND = "bnparity run my_backend.py:batch_norm --examples 100"


def test_every_command_of_the_readme_is_known_here() -> None:
    """A new command in the README needs a test of its own."""
    assert commands(README) == [
        "pip install bnparity",  # the test of the wheel
        LAYER,  # the next test
        BACKEND,  # the test after that
        "make parity",  # dry here, run for real by hand and by the CI workflow
        "make test",  # what runs this test
    ]


def test_layer_of_the_readme_is_judged_as_it_is(tmp_path: Path) -> None:
    """The module as printed is taken for one, and told what is printed below it."""
    (layer,) = (block for block in blocks(README, "python") if "class MyNorm" in block)
    (tmp_path / "my_model.py").write_text(layer)
    done = module_in(tmp_path, *LAYER.replace("200", "20").split())
    assert done.returncode == 1, done
    (shown,) = blocks(README, "text")
    taken = "taken for a torch.nn.Module class"
    assert taken in done.stdout
    assert taken in shown
    assert codes(done.stdout) == codes(shown) >= {"running_variance=biased"}


def test_backend_of_the_readme_is_right(tmp_path: Path) -> None:
    """The function as printed passes."""
    (backend,) = (block for block in blocks(README, "python") if "def batch_norm" in block)
    (tmp_path / "my_backend.py").write_text(backend)
    done = module_in(tmp_path, *BACKEND.split())
    assert done.returncode == 0, done


@pytest.mark.parametrize("target", ["parity", "test", "soak", "lint", "types", "docs", "bench"])
def test_make_has_the_target(target: str) -> None:
    """The targets that README, CONTRIBUTING and CI name exist."""
    make = shutil.which("make")
    assert make is not None
    subprocess.run([make, "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    """Relative links and pictures are files of this checkout."""
    assert (ROOT / link).is_file()
