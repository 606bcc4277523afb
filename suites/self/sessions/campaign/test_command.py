"""`bnparity fuzz`: one line for whatever is wrong with its words or its state."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from bnparity.sessions.campaign.conditions import begin
from bnparity.sessions.campaign.store import FILE, stored
from bnparity.sessions.plan import Plan
from campaigns import NAME, WRONG, fuzz


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a kernel, a campaign of another seed, and states that are none."""
    (tmp_path / "wrong.py").write_text(WRONG)
    (tmp_path / "file").write_text("")
    plan = Plan(seed=3, dtypes=("float16",), in_process=True)
    with stored(tmp_path / "other", make=True) as store:
        begin(store, plan)
    (tmp_path / "corrupt").mkdir()
    (tmp_path / "corrupt" / FILE).write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / FILE).write_text("no database")
    (tmp_path / "foreign").mkdir()
    with closing(sqlite3.connect(tmp_path / "foreign" / FILE)) as connection:
        connection.execute("CREATE TABLE addresses (name)")
    return tmp_path


SAME = ("--state", "other", "--seed", "3", "--dtype", "float16", "--in-process")
MISTAKES = {
    "no backend": ([], "name a backend"),
    "unknown backend": (["torhc"], "did you mean torch"),
    "missing file": (["nowhere.py:batch_norm"], "nowhere.py"),
    "no jobs": (["numpy", "--jobs", "0"], "--jobs 0"),
    "jobs in words": (["numpy", "--jobs", "two"], "--jobs two"),
    "odd time": (["numpy", "--time", "soon"], "--time soon"),
    "no examples": (["numpy", "--examples", "0"], "--examples 0"),
    "unknown dtype": (["numpy", "--dtype", "float31"], "float31"),
    "unknown dialect": (["numpy", "--dialect", "torhc"], "torhc"),
    "unknown option": (["numpy", "--stat", "x"], "--stat"),
    "unwritable results": (["numpy", "--json", "file/r.json"], "file/r.json"),
    "file as state": (["numpy", "--state", "file"], "'file' cannot be made a state"),
    "state below a file": (["numpy", "--state", "file/state"], "cannot be made a state"),
    "state where nothing can be made": (["numpy", "--state", "/proc/state"], "/proc/state"),
    "corrupt state": (["numpy", "--state", "corrupt"], "cannot be used"),
    "text as state": (["numpy", "--state", "text"], "not a database"),
    "another program's file": (["numpy", "--state", "foreign"], "not of the schema"),
    "other seed": (["numpy", *SAME, "--seed", "4"], "--seed 3, not 4: say --seed 3"),
    "other dtype": (["numpy", *SAME, "--dtype", "float32"], "say --dtype float16"),
    "other memory": (["numpy", *SAME, "--memory", "1G"], "not 1073741824: say --memory"),
    "other restarts": (["numpy", *SAME, "--restarts", "3"], "say --restarts 100"),
    "other timeout": (["numpy", *SAME, "--timeout", "3"], "say --timeout 10"),
    "other isolation": (["numpy", *SAME[:-1]], "say --in-process"),
    "other dialect": (["numpy", *SAME, "--dialect", "mindspore"], "leave out --dialect"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_wrong_words_are_2_and_one_line(folder: Path, mistake: str) -> None:
    """The line names the value and what to do instead; no state is left where there was none."""
    before = sorted(folder.iterdir())
    arguments, named = MISTAKES[mistake]
    done = fuzz(folder, *arguments)
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert done.stdout == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE counts SET n = 'many'",
        "UPDATE figures SET figures = '{}'",
        "UPDATE backends SET facts = '[]'",
    ],
)
def test_state_with_other_content_is_told_in_one_line(tmp_path: Path, change: str) -> None:
    """Somebody may have written to it; what looks at it while it is worked on says so too."""
    arguments = ("numpy", "--in-process", "--examples", "250")
    assert fuzz(tmp_path, *arguments).returncode == 0
    with closing(sqlite3.connect(tmp_path / ".bnparity" / FILE)) as connection:
        connection.execute(change)
        connection.commit()
    done = fuzz(tmp_path, *arguments)
    assert done.returncode == 2, done
    assert "cannot be used" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_another_version_is_refused(folder: Path) -> None:
    """Its blocks may be others."""
    with stored(folder / "other") as store, store.transaction() as connection:
        connection.execute("UPDATE conditions SET value = '\"0.0.1\"' WHERE name = 'hypothesis'")
    done = fuzz(folder, "numpy", *SAME)
    assert done.returncode == 2
    assert "begun with hypothesis 0.0.1, not" in done.stderr


def test_another_version_of_a_backend_is_refused(folder: Path) -> None:
    """It has no source to be looked at, and nobody has edited it."""
    assert fuzz(folder, "numpy", *SAME, "--time", "0.1s").returncode == 0
    with stored(folder / "other") as store, store.transaction() as connection:
        connection.execute("UPDATE backends SET facts = json_set(facts, '$.version', 'old')")
    done = fuzz(folder, "numpy", *SAME)
    assert done.returncode == 2
    assert "campaign: there numpy had the version 'old', not " in done.stderr
    assert done.stderr.endswith(": go back to that, or give another --state\n")


def test_nothing_that_can_be_asked_is_3(folder: Path) -> None:
    """A campaign of backends that are not here has checked nothing."""
    (folder / "absent.py").write_text(
        "def batch_norm(*a, **k): ...\nbatch_norm.probe = lambda: {'reason': 'it is not here'}"
    )
    done = fuzz(folder, "absent.py:batch_norm", "--time", "5s")
    assert done.returncode == 3, done
    assert "it is not here" in done.stdout


def test_session_ends_in_time_and_the_next_goes_on(folder: Path) -> None:
    """The first block is finished, however short the time; cases of earlier sessions count."""
    first = fuzz(folder, "numpy", "--time", "0.1s", "--in-process")
    assert first.returncode == 0, first
    second = fuzz(folder, "numpy", "--time", "0.1s", "--in-process")
    assert second.returncode == 0, second
    with stored(folder / ".bnparity") as store:
        assert store.rows("SELECT frontier FROM backends") == [(2,)]


def test_results_of_a_campaign_are_results(folder: Path) -> None:
    """The report is made of them, and a finding is replayed."""
    files = ("--json", "out/r.json", "--html", "out/r.html")
    done = fuzz(folder, NAME, "--examples", "250", *files)
    assert done.returncode == 1, done
    assert "momentum=old" in done.stdout
    assert "momentum=old" in (folder / "out/r.html").read_text()
