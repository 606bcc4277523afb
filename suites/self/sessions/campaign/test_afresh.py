"""A backend whose source has changed starts afresh, and what failed before is asked first."""

import subprocess
import sys
from pathlib import Path

import pytest
from bnparity.backends import UsageError, parse
from bnparity.results import Judgement
from bnparity.sessions import Plan, Task, begin, judgement_of, known_judgements, register, stored
from bnparity.sessions.campaign.job import work
from bnparity.sessions.campaign.source import digests_of

KERNEL = """
from bnparity.kernels import numpy_kernel
{imports}

def batch_norm(*args, **settings):
    results = dict(numpy_kernel.batch_norm(*args, **settings))
    results["output"] = results["output"] + {error}
    return results
"""
WRONG, MENDED = KERNEL.format(imports="", error=1), KERNEL.format(imports="", error=0)
PLAN = Plan(in_process=True)


def campaign(folder: Path, source: str, *, blocks: int = 1) -> tuple[Judgement, list[str]]:
    """Return what a session on the kernel in `source` finds, and the lines that it tells."""
    (folder / "kernel.py").write_text(source)
    name, told = parse(f"{folder / 'kernel.py'}:batch_norm"), list[str]()
    with stored(folder / "state", make=True) as store:
        begin(store, PLAN)
        assert not register(store, name, PLAN, told.append)
        work(store, Task(backends=(name.text,), blocks=blocks, seconds=600.0), lambda: False)
        return judgement_of(store, name), told


def test_mended_kernel_has_no_failures_from_before(tmp_path: Path) -> None:
    """The cases that failed count, and what was counted of the old source does not."""
    before, _ = campaign(tmp_path, WRONG)
    assert before.status == "fail"
    after, told = campaign(tmp_path, MENDED)
    assert after.status != "fail"
    assert after.totals.cases == before.totals.cases + 1
    start, end = told
    assert start.endswith("has changed: starting afresh; its 1 earlier failure is asked first")
    assert end == "asked again: 0 of them still fail, 1 mended"


def test_failure_that_stays_is_found_before_anything_is_drawn(tmp_path: Path) -> None:
    """Its smallest case is known from the beginning."""
    before, _ = campaign(tmp_path, WRONG)
    after, told = campaign(tmp_path, f"{WRONG}\n", blocks=0)
    assert told[-1] == "asked again: 1 of them still fail, 0 mended"
    assert after.totals.cases == 1
    assert [finding.case for finding in after.findings if finding.kind == "semantics"] == [
        finding.case for finding in before.findings if finding.kind == "semantics"
    ]


def test_state_that_others_work_in_is_refused(tmp_path: Path) -> None:
    """They would go on with the old source, and count it as the new one."""
    campaign(tmp_path, MENDED, blocks=0)
    (tmp_path / "worker.py").write_text(
        "import sys\nfrom pathlib import Path\nfrom bnparity.sessions import stored\n"
        "from bnparity.sessions.campaign.leases import enter\n"
        "with stored(Path(sys.argv[1])) as store:\n"
        "    enter(store); print('here', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, str(tmp_path / "worker.py"), str(tmp_path / "state")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "here\n"
        with pytest.raises(UsageError, match=r"another session is at work.*stop that one first"):
            campaign(tmp_path, WRONG)
        other.communicate("")


def test_module_beside_the_kernel_is_source_too(tmp_path: Path) -> None:
    """What it imports, and what that imports, and nothing else."""
    for name, imports in (("kernel", "import one"), ("one", "import two"), ("two", ""), ("x", "")):
        (tmp_path / f"{name}.py").write_text(f"{imports}\n")
    digest = digests_of(tmp_path / "kernel.py")
    (tmp_path / "x.py").write_text("changed = True\n")
    assert digests_of(tmp_path / "kernel.py") == digest
    (tmp_path / "two.py").write_text("changed = True\n")
    assert digests_of(tmp_path / "kernel.py") != digest


def test_results_are_known_without_asking(tmp_path: Path) -> None:
    """The file need not be there, and what was not looked for is not told as missing."""
    campaign(tmp_path, WRONG)
    (tmp_path / "kernel.py").unlink()
    with stored(tmp_path / "state") as store:
        (judgement,) = known_judgements(store)
    assert judgement.status == "fail"
    (finding,) = (f for f in judgement.findings if f.output == "output")
    assert not finding.diagnosed
    assert finding.case is not None
