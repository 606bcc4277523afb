"""Who waits for a campaign sees how far it is: lines, or a table on a terminal."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from bnparity.backends.names import parse
from bnparity.frontends.commands.campaign_progress import campaign_progress
from bnparity.results.figures import Figures
from bnparity.sessions.campaign.conditions import register
from bnparity.sessions.campaign.contribution import Contribution, Sample
from bnparity.sessions.campaign.coverage import Place
from bnparity.sessions.campaign.figures import key
from bnparity.sessions.campaign.job import Task
from bnparity.sessions.campaign.leases import enter, finish, lease
from bnparity.sessions.campaign.store import Store, stored
from bnparity.sessions.plan import Plan

#: A quarter of the places that there are: 4 modes, 7 layouts, 4 ranks, 6 sizes, 4 conditionings.
REACHED = 4 * 7 * 4 * 6 * 4 // 4
#: All of a minute is left.
TASK = Task(backends=("numpy",), blocks=None, seconds=60.4)


class Terminal(StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a state of one backend."""
    with stored(tmp_path, make=True) as made:
        register(made, parse("numpy"), Plan(), print)
        yield made


def count_a_block(store: Store) -> None:
    """Count a block of 250 cases, with one symptom, a quarter of all places and a worst ratio."""
    claimed = lease(store, enter(store), ["numpy"], None)
    assert claimed is not None
    places = (Place("training", "float32", "contiguous", n, "1", "centred") for n in range(REACHED))
    contribution = Contribution(
        counts={("cases", key()): 250, **{("coverage", key(*place)): 1 for place in places}},
        figures={
            key("training", "float32", "contiguous", rank, "output"): Figures(worst_ratio=ratio)
            for rank, ratio in ((2, 0.5), (3, 2.25))
        },
        samples={("first", key("output")): (Sample(0.0, "digest", "{}"),)},
    )
    finish(store, claimed, contribution, 1.0)


@pytest.mark.parametrize("stream", [StringIO(), Terminal()], ids=["lines", "terminal"])
def test_progress_tells_cases_coverage_failures_and_worst_ratios(
    store: Store, stream: StringIO
) -> None:
    """All that a reader wants to know is there."""
    with campaign_progress(store, TASK, stream) as look:
        count_a_block(store)
        look()
    text = stream.getvalue()
    told = (
        ("numpy", "250", "3%", "2.2", "about 1:00 to go")
        if stream.isatty()
        else (
            "numpy: 250 cases, ",
            " cases/s, 3% of the kinds of case, 1 failure, ",
            "worst ratio output 2.2, about 1:00 to go\n",
        )
    )
    assert all(part in text for part in told), text


def test_lines_are_not_many(store: Store) -> None:
    """However often one looks, a line comes now and then."""
    stream = StringIO()
    with campaign_progress(store, TASK, stream) as look:
        for _ in range(5):
            look()
    assert stream.getvalue().count("\n") == 1


def test_table_without_room_is_lines(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A narrow terminal is told the same in words, which are not broken."""
    monkeypatch.setenv("COLUMNS", "40")
    with campaign_progress(store, TASK, stream := Terminal()) as look:
        count_a_block(store)
        look()
    assert "3% of the kinds of case, 1 failure, worst ratio output 2.2" in " ".join(
        stream.getvalue().split()
    )
