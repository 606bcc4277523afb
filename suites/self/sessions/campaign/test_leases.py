"""Blocks are claimed in order, once each, and taken over from the dead."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bnparity.sessions.campaign.contribution import Contribution
from bnparity.sessions.campaign.figures import key
from bnparity.sessions.campaign.leases import Lease, blocks_done, enter, finish, lease
from bnparity.sessions.campaign.store import Store, stored

#: Claims a block in the state that it is given, says so, and waits.
CLAIMING = """
import sys
from pathlib import Path
from bnparity.sessions.campaign.leases import enter, lease
from bnparity.sessions.campaign.store import stored
with stored(Path(sys.argv[1])) as store:
    print(lease(store, enter(store), ["it"], None).block, flush=True)
    sys.stdin.read()
"""
ONE = Contribution(counts={("cases", key()): 1}, figures={}, samples={})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a state of one backend, in which nothing has been drawn."""
    with stored(tmp_path, make=True) as made:
        made.note("it", {})
        yield made


def claimed(store: Store, owner: int, blocks: int | None = None) -> Lease:
    """Return the next claim; there has to be one."""
    found = lease(store, owner, ["it"], blocks)
    assert found is not None
    return found


def test_blocks_are_claimed_in_order(store: Store) -> None:
    """Until each backend has had as many as were asked for."""
    owner = enter(store)
    assert [claimed(store, owner, 2).block for _ in range(2)] == [0, 1]
    assert lease(store, owner, ["it"], 2) is None


def test_block_of_a_living_owner_is_left_to_it_and_of_a_dead_one_taken(store: Store) -> None:
    """Death is known at once, and from nothing but itself."""
    arguments = [sys.executable, "-c", CLAIMING, str(store.folder)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"0\n"
        owner = enter(store)
        assert claimed(store, owner).block == 1
        other.kill()
        other.wait()
        assert claimed(store, owner).block == 0


def test_block_is_counted_once(store: Store) -> None:
    """Who finishes a block that is not theirs any more has done it for nothing."""
    mine = claimed(store, enter(store))
    finish(store, mine, ONE, 1.0)
    finish(store, mine, ONE, 1.0)
    finish(store, Lease(backend="it", block=0, owner=99), ONE, 1.0)
    assert store.rows("SELECT n FROM counts WHERE what = 'cases'") == [(1,)]


def test_blocks_that_are_done_leave_no_rows(store: Store) -> None:
    """Up to the first gap, how many there are is all that is kept."""
    owner = enter(store)
    claims = [claimed(store, owner) for _ in range(4)]
    for index, done in ((1, [0, 1]), (3, [0, 1, 3]), (0, [2, 3]), (2, [4])):
        finish(store, claims[index], ONE, 1.0)
        assert blocks_done(store, "it") == done
    assert store.rows("SELECT count(*) FROM blocks") == [(0,)]


def test_backend_with_the_least_time_comes_first(store: Store) -> None:
    """Each gets its share of the time, not of the blocks."""
    store.note("slow", {})
    owner = enter(store)
    first = lease(store, owner, ["it", "slow"], None)
    assert first is not None
    assert first.backend == "it"
    finish(store, first, ONE, 5.0)
    asked = [lease(store, owner, ["it", "slow"], None) for _ in range(2)]
    assert [found.backend for found in asked if found is not None] == ["slow", "slow"]


def test_backend_that_was_given_up_is_asked_no_more(store: Store) -> None:
    """It has been started again too often."""
    owner = enter(store)
    given_up = Contribution(counts={("given up", key()): 1}, figures={}, samples={})
    finish(store, claimed(store, owner), given_up, 1.0)
    assert lease(store, owner, ["it"], None) is None
