"""Records of processes: whole lines count, torn ones do not."""

from pathlib import Path

from bnparity.frontends.testing.run import Records, read


def test_records_of_all_processes_are_read(tmp_path: Path) -> None:
    """Each has its own file, and plans what all plan."""
    for process, test in (("gw0", "a"), ("gw1", "b")):
        records = Records(folder=tmp_path, process=process)
        records.plan({"a": "f", "b": "f"})
        records.keep(test, {"name": process})
    kept = read(tmp_path)
    assert kept.planned == {"a": "f", "b": "f"}
    assert kept.judged == {("a", "gw0"): {"name": "gw0"}, ("b", "gw1"): {"name": "gw1"}}


def test_test_that_is_run_again_counts_once(tmp_path: Path) -> None:
    """The last time counts: plugins run a failing test again."""
    records = Records(folder=tmp_path, process="main")
    records.keep("a", {"name": "f", "cases": 1})
    records.keep("a", {"name": "f", "cases": 2})
    assert read(tmp_path).judged == {("a", "f"): {"name": "f", "cases": 2}}


def test_torn_line_is_not_read(tmp_path: Path) -> None:
    """A process that is killed while it writes leaves what it had written before."""
    records = Records(folder=tmp_path, process="main")
    records.keep("a", {"name": "f", "cases": 1})
    with (tmp_path / "main.jsonl").open("a") as file:
        file.write('{"test": "b", "back')
    assert read(tmp_path).judged == {("a", "f"): {"name": "f", "cases": 1}}
