"""The commands: exit codes, files, and one line for each mistake."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from reproducing import KERNEL, RIGHT

WRONG = KERNEL.format(share="1.0 if momentum is None else 1 - momentum")


def bnparity(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command in `cwd`."""
    command = [sys.executable, "-m", "bnparity", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def judged(folder: Path, source: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run the kernel that `source` defines, in a process of its own."""
    (folder / "k.py").write_text(source)
    return bnparity("run", "k.py:batch_norm", "--examples", "60", *options, cwd=folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the results of a right kernel and of a wrong one."""
    folder = tmp_path_factory.mktemp("runs")
    assert judged(folder, RIGHT, "--json", "right.json").returncode == 0
    assert judged(folder, WRONG, "--json", "wrong.json").returncode == 1
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of those, and files that are no results."""
    for path in made.glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "cut.json").write_text('{"schema": "bnparity-results/1", "run": {')
    (tmp_path / "other.json").write_text('{"schema": "bnparity-results/0"}')
    runs = [json.loads((made / f"{name}.json").read_text()) for name in ("right", "wrong")]
    versions = [
        {**run["backends"][0], "name": f"k=={n}", "version": n}
        for n, run in zip("12", runs, strict=True)
    ]
    (tmp_path / "both.json").write_text(json.dumps({**runs[0], "backends": versions}))
    return tmp_path


def test_known_deviation_is_0(folder: Path) -> None:
    """A run that fails as its baseline does has nothing new."""
    done = judged(folder, WRONG, "--baseline", "wrong.json", "--seed", "1")
    assert done.returncode == 0, done
    assert "momentum=old" in done.stdout


def test_deviation_that_the_baseline_does_not_know_is_1(folder: Path) -> None:
    """What regressed is named."""
    done = judged(folder, WRONG, "--baseline", "right.json")
    assert done.returncode == 1, done
    assert "new finding (momentum=old in running_mean, running_var)" in done.stdout


def test_mended_deviation_is_0_and_told(folder: Path) -> None:
    """The baseline says that it is out of date."""
    done = judged(folder, RIGHT, "--baseline", "wrong.json")
    assert done.returncode == 0, done
    assert "no longer found (momentum=old in running_mean, running_var)" in done.stdout
    assert "The baseline is out of date by 1 deviation:" in done.stdout


def test_diff_of_a_file_with_itself_is_0(folder: Path) -> None:
    """Nothing changed, and it is said that a finding stands."""
    done = bnparity("diff", "wrong.json", "wrong.json", "--junit", "d.xml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "nothing changed; 1 finding stands.\n")
    assert 'failures="0"' in (folder / "d.xml").read_text()


def test_diff_is_1_where_something_regressed_and_writes_it(folder: Path) -> None:
    """The same differences as text, as Markdown and as JSON."""
    files = ["--markdown", "d.md", "--json", "d.json", "--junit", "d.xml"]
    done = bnparity("diff", "right.json", "wrong.json", *files, cwd=folder)
    assert done.returncode == 1, done
    assert "momentum=old" in done.stdout
    assert "### Regressed" in (folder / "d.md").read_text()
    assert '<failure type="regressed" message="new finding' in (folder / "d.xml").read_text()
    document = json.loads((folder / "d.json").read_text())
    assert document["schema"] == "bnparity-diff/1"
    assert "momentum=old" in [change["new"] for change in document["changes"]]


def test_diff_is_0_where_something_is_mended(folder: Path) -> None:
    """The other way round is no regression."""
    done = bnparity("diff", "wrong.json", "right.json", cwd=folder)
    assert done.returncode == 0, done
    assert "momentum=old" in done.stdout


def test_versions_in_one_file_are_compared(folder: Path) -> None:
    """Each is named behind the file; of such a file there is a page, in which nothing is noise."""
    done = bnparity("diff", "both.json:k==1", "both.json:k==2", cwd=folder)
    assert done.returncode == 1, done
    assert "version 1 -> 2" in done.stdout
    module, page = "bnparity.frontends.versions", folder / "versions.md"
    subprocess.run([sys.executable, "-m", module, page, folder / "both.json"], check=True)
    section = page.read_text().partition("## k 1 and 2\n")[2]
    assert "- finding, new (running_mean, running_var)" in section
    assert "- measured: `momentum` was `new` and is `old`" in section
    assert "ratios" not in section


RUN = ["run", "numpy", "--baseline"]
MISTAKES = {
    "missing results": (["diff", "right.json", "gone.json"], "gone.json"),
    "cut results": (["diff", "right.json", "cut.json"], "cut.json"),
    "other schema": (["diff", "other.json", "right.json"], "other.json"),
    "one file": (["diff", "right.json"], "NEW"),
    "unknown option": (["diff", "right.json", "wrong.json", "--markdwon", "x"], "--markdwon"),
    "folder as file": (["diff", "right.json", "wrong.json", "--json", "."], "folder"),
    "results written over": (["diff", "right.json", "wrong.json", "--json", "wrong.json"], "NEW"),
    "no such version": (["diff", "both.json:k==3", "both.json:k==2"], "it has k==1, k==2"),
    "missing baseline": ([*RUN, "gone.json"], "bnparity run --json gone.json"),
    "cut baseline": ([*RUN, "cut.json"], "cut.json"),
    "other baseline": ([*RUN, "other.json"], "other.json"),
    "baseline written over": ([*RUN, "right.json", "--json", "right.json"], "written over"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_2_and_one_line(mistake: str, folder: Path) -> None:
    """The line names the value; there is no traceback, and nothing is written."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    arguments, named = MISTAKES[mistake]
    done = bnparity(*arguments, cwd=folder)
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert done.stdout == ""
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_page_has_what_the_text_has(folder: Path) -> None:
    """Before and after of each difference can be sent as one file."""
    done = bnparity("diff", "right.json", "wrong.json", "--html", "d.html", cwd=folder)
    assert done.returncode == 1, done
    page = (folder / "d.html").read_text()
    assert "momentum=old" in page
    assert "regressed" in page
