"""The results of a campaign are those of its cases, and what cannot be known is not said."""

import shutil
from pathlib import Path

import pytest
from alone import judge_backend
from bnparity.backends.errors import UsageError
from bnparity.backends.names import parse
from bnparity.results.judgement import Judgement
from bnparity.sessions.campaign import shrinking
from bnparity.sessions.campaign.conditions import begin, register
from bnparity.sessions.campaign.job import Task, work
from bnparity.sessions.campaign.store import stored
from bnparity.sessions.campaign.summary import judgement_of
from bnparity.sessions.plan import Plan
from bnparity_reference import OUTPUTS

RIGHT = "from bnparity.kernels.numpy_kernel import batch_norm\n"
WRONG = """
from bnparity.kernels import numpy_kernel

def batch_norm(x, *args, **kwargs):
    if x.shape[1] == 7:
        raise RuntimeError(f"odd {x.shape}")
    results = dict(numpy_kernel.batch_norm(x, *args, **kwargs))
    results["output"] = abs(results["output"])
    return results
"""
#: Wrong until a file beside it says that it has been mended.
MENDED = """
from pathlib import Path
from bnparity.kernels import numpy_kernel

def batch_norm(x, *args, **kwargs):
    results = dict(numpy_kernel.batch_norm(x, *args, **kwargs))
    if not Path(__file__).with_name("mended").exists():
        results["output"] = results["output"] + 1
    return results
"""
BORROWING = """
import bnparity.kernels.numpy_kernel
from bnparity.kernels import numpy_kernel

def batch_norm(*args, **kwargs):
    return numpy_kernel.batch_norm(*args, **kwargs)
"""
MISSPELLING = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, **kwargs):
    results = dict(numpy_kernel.batch_norm(*args, **kwargs))
    return {"outptu": results.pop("output"), **results}
"""
PLAN = Plan(in_process=True)


def campaign(folder: Path, source: str, *, blocks: int = 2) -> Judgement:
    """Return what a campaign of a few blocks says of the kernel in `source`."""
    (folder / "kernel.py").write_text(source)
    name = parse(f"{folder / 'kernel.py'}:batch_norm")
    with stored(folder / "state", make=True) as store:
        begin(store, PLAN)
        assert not register(store, name, PLAN, print)
        work(store, Task(backends=(name.text,), blocks=blocks, seconds=600.0), lambda: False)
        return judgement_of(store, name)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a campaign of one block on a wrong kernel."""
    folder = tmp_path_factory.mktemp("wrong")
    campaign(folder, WRONG, blocks=1)
    return folder


def test_figures_are_those_of_a_session(tmp_path: Path) -> None:
    """What a session and a campaign count of the same cases of a right kernel is the same."""
    found = campaign(tmp_path, RIGHT, blocks=2)
    plan = Plan(seed=0, examples=500, in_process=True)
    expected = judge_backend(parse(found.name), plan, 600.0)
    assert found.totals == expected.totals
    assert list(found.totals.outputs) == list(OUTPUTS)
    assert (found.status, found.dialect) == (expected.status, expected.dialect)


def test_findings_are_named_and_shrunk(tmp_path: Path) -> None:
    """Each thing that is wrong is one finding, with the smallest case that shows it."""
    findings = campaign(tmp_path, WRONG).findings
    assert {finding.kind for finding in findings} == {"error", "semantics"}
    shapes = {finding.kind: finding.case.shape for finding in findings if finding.case}
    assert shapes == {"error": (2, 7), "semantics": (2, 1)}
    (error,) = (finding for finding in findings if finding.kind == "error")
    assert "odd (2, 7) at kernel.py:" in error.text


def test_failure_that_does_not_come_again_is_told(tmp_path: Path) -> None:
    """What has failed is not forgotten because it passes today."""
    campaign(tmp_path, MENDED, blocks=1)
    (tmp_path / "mended").touch()
    judgement = campaign(tmp_path, MENDED, blocks=1)
    assert judgement.status == "fail"
    (finding,) = (f for f in judgement.findings if f.kind == "nondeterminism")
    assert "pass when asked again" in finding.text


def test_borrowed_results_are_untrusted(tmp_path: Path) -> None:
    """A campaign looks whose code runs, as a session does."""
    judgement = campaign(tmp_path, BORROWING, blocks=1)
    assert judgement.status == "untrusted"
    assert any("bnparity.kernels.numpy_kernel" in f.text for f in judgement.findings)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE OR REPLACE counts SET key = 'no JSON'",
        "UPDATE OR REPLACE counts SET key = '[]'",
        "UPDATE OR REPLACE figures SET place = '[1]'",
        "UPDATE figures SET figures = '{\"bins\": {}}'",
        'UPDATE samples SET payload = \'{"case": {"shape": [99999999, 99999999]}}\'',
        "UPDATE samples SET payload = '7'",
        "UPDATE backends SET facts = '[1]'",
        "UPDATE backends SET facts = 'no JSON'",
        "UPDATE backends SET seconds = 'nan'",
        "UPDATE counts SET n = 1e308",
        "UPDATE figures SET figures = json_set(figures, '$.bins', json('{\"1e400\": 1}'))",
        "CREATE VIEW more AS SELECT * FROM figures",
    ],
)
def test_state_that_no_campaign_has_written_is_one_line(
    wrong: Path, tmp_path: Path, change: str
) -> None:
    """Whoever made it, it is read as data."""
    shutil.copytree(wrong / "state", tmp_path / "state")
    name = parse(f"{wrong / 'kernel.py'}:batch_norm")
    with stored(tmp_path / "state") as store, store.transaction() as connection:
        connection.execute("DELETE FROM shrunk")
        connection.execute(change)
    with pytest.raises(UsageError) as raised, stored(tmp_path / "state") as store:
        judgement_of(store, name)
    assert "\n" not in str(raised.value)


def test_failures_are_shrunk_by_whoever_comes_next(wrong: Path, tmp_path: Path) -> None:
    """A job that died between a block and its smallest cases leaves no large ones behind."""
    shutil.copytree(wrong, tmp_path, dirs_exist_ok=True)
    text = f"{wrong / 'kernel.py'}:batch_norm"
    with stored(tmp_path / "state") as store:
        shrunk = shrinking.shrunk(store, text)
        with store.transaction() as connection:
            connection.execute("DELETE FROM shrunk")
        assert set(shrinking.unshrunk(store, text)) == set(shrunk)
        work(store, Task(backends=(text,), blocks=1, seconds=600.0), lambda: False)
        assert shrinking.shrunk(store, text) == shrunk


def test_misspelled_output_is_told(tmp_path: Path) -> None:
    """The name that no output has is kept with the counts, and told as a session does."""
    found = campaign(tmp_path, MISSPELLING, blocks=1).findings
    assert "it returned outptu (did you mean output?)" in " ".join(f.text for f in found)
