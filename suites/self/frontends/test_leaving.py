"""What commands leave behind: results, reports, findings."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

from commanding import bnparity


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
    script = [sys.executable, folder / "out" / repro, folder / "wrong.py"]
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
