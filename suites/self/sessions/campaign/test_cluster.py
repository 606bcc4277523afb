"""A campaign whose blocks are drawn elsewhere: by whatever does errands, one by one here."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from bnparity.backends import UsageError, parse
from bnparity.sessions import Plan, Store, Task, begin, register, stored
from bnparity.sessions.campaign.cluster import Lost, run_on_cluster
from bnparity.sessions.campaign.errand import Brought, Errand, do_errand, errand_of
from bnparity.sessions.campaign.job import work
from campaigns import contents

#: Wrong in what the module beside it says, which a call imports.
KERNEL = """
from bnparity.kernels import numpy_kernel

def batch_norm(x, *args, **kwargs):
    import beside
    if x.shape[1] == beside.ODD:
        raise RuntimeError("odd")
    return numpy_kernel.batch_norm(x, *args, **kwargs)

batch_norm.ranks = (2,)
"""
NAME = "kernel.py:batch_norm"
PLAN = Plan()
TASK = Task(backends=(NAME,), blocks=1, seconds=600.0)


@dataclass(kw_only=True)
class AtHome:
    """Does errands here, one each time it is asked what has ended, with other `files` if there are.

    It loses the first so many.
    """

    losing: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    sent: list[Errand] = field(default_factory=list)

    def slots(self) -> int:
        """Return how many errands may be under way."""
        return 1

    def send(self, errand: Errand) -> None:
        """Keep an errand."""
        self.sent.append(errand)

    def ended(self, seconds: float) -> list[tuple[Errand, Brought | Lost]]:
        """Do one, or lose it."""
        assert seconds
        errand = self.sent.pop(0)
        self.losing -= 1
        if self.losing >= 0:
            return [(errand, Lost(reason="a fire"))]
        return [(errand, do_errand(replace(errand, files={**errand.files, **self.files})))]

    def cancel(self) -> None:
        """Forget the rest."""
        self.sent.clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a kernel and its neighbour, and be there."""
    (tmp_path / "kernel.py").write_text(KERNEL)
    (tmp_path / "beside.py").write_text("ODD = 7\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def begun(state: Path) -> Iterator[Store]:
    """Give the state of a campaign on the kernel, in which nothing has been drawn."""
    with stored(state, make=True) as store:
        begin(store, PLAN)
        assert not register(store, parse(NAME), PLAN, lambda _: None)
        yield store


def test_what_is_drawn_elsewhere_adds_up_to_what_a_job_draws(folder: Path) -> None:
    """Also if it is lost at first, twice: figures, samples and smallest cases are the same."""
    told: list[str] = []
    with begun(folder / "here") as store:
        work(store, TASK, lambda: False)
    with begun(folder / "elsewhere") as store:
        run_on_cluster(store, TASK, AtHome(losing=2), lambda: None, told.append)
    assert contents(folder / "elsewhere") == contents(folder / "here")
    assert told == [f"lost with a machine, and sent again: block 0 of {NAME} (a fire)"] * 2


def test_what_is_lost_again_and_again_ends_the_session(folder: Path) -> None:
    """It may be what takes the machines with it."""
    with (
        begun(folder / "state") as store,
        pytest.raises(UsageError, match=rf"block 0 of {NAME} came back from none of 3 machines"),
    ):
        run_on_cluster(store, TASK, AtHome(losing=99), lambda: None, lambda _: None)


def test_session_without_time_gets_somewhere(folder: Path) -> None:
    """The first block is drawn to its end, and no other is begun."""
    with begun(folder / "state") as store:
        task = replace(TASK, blocks=None, seconds=0.001)
        run_on_cluster(store, task, AtHome(), lambda: None, lambda _: None)
        assert store.rows("SELECT frontier FROM backends") == [(1,)]


def test_errand_runs_what_was_digested_and_reads_nothing_here(folder: Path) -> None:
    """The files travel, the neighbour that only a call imports among them."""
    with begun(folder / "state") as store:
        errand = replace(errand_of(store, NAME), blocks=(0,), seconds=600.0)
        held = store.facts(NAME)["source"]
    for file in ("kernel.py", "beside.py"):
        (folder / file).unlink()
    brought = do_errand(errand)
    assert brought.ended
    assert dict(brought.run) == held
    assert held.keys() == {"kernel.py", "beside.py"}


def test_file_that_was_edited_is_not_sent(folder: Path) -> None:
    """What is sent is what the campaign was begun with."""
    with begun(folder / "state") as store:
        (folder / "beside.py").write_text("ODD = 8\n")
        with pytest.raises(UsageError, match=r"beside\.py has changed while the campaign was at"):
            errand_of(store, NAME)


def test_block_of_files_that_were_exchanged_is_not_counted(folder: Path) -> None:
    """Whoever does an errand says what was run."""
    elsewhere = AtHome(files={"beside.py": b"ODD = 8\n"})
    with begun(folder / "state") as store:
        with pytest.raises(UsageError, match=r"beside\.py has changed while the campaign was at"):
            run_on_cluster(store, TASK, elsewhere, lambda: None, lambda _: None)
        assert store.rows("SELECT n FROM counts WHERE what = 'cases'") == []


def test_machine_with_other_software_says_so(folder: Path) -> None:
    """In one line that names the machine, and what to install."""
    with begun(folder / "state") as store:
        errand = replace(errand_of(store, NAME), blocks=(0,), seconds=600.0)
    other = replace(errand, conditions={**errand.conditions, "numpy": "1.0"})
    with pytest.raises(UsageError, match=r"^machine .*: it was begun with numpy 1\.0, not"):
        do_errand(other)
    other = replace(errand, facts={**errand.facts, "version": "1.0"})
    with pytest.raises(UsageError, match=r"^machine .* the version '1\.0', not '.*: install the"):
        do_errand(other)
    shutil.rmtree(folder / "state")
    missing = replace(errand, files={}, named="nowhere")
    with pytest.raises(UsageError, match=r"^machine .*: 'nowhere' is not a backend"):
        do_errand(missing)
