"""A session's time is shared by its backends, and does not run while all get ready."""

import time

import pytest
from bnparity.sessions.clock import Clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that it is, which a test sets."""
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


def clock(*, left: int, slots: int = 1, patient: bool = False) -> Clock:
    """Return the clock of a session of 60 seconds that begins now."""
    return Clock(end=160.0, left=left, slots=slots, patient=patient, _idle_since=100.0)


def test_backends_share_what_is_left(now: list[float]) -> None:
    """What one does not need the others have."""
    session = clock(left=3)
    shares = []
    for used in (5.0, 30.0, 0.0):
        with session.working() as seconds:
            shares.append(seconds)
            now[0] += used
    assert shares == [20.0, 27.5, 25.0]


def test_two_at_a_time_have_twice_as_long(now: list[float]) -> None:
    """Four backends in two slots are two rounds."""
    session = clock(left=4, slots=2)
    with session.working() as first, session.working() as second:
        assert (first, second) == (30.0, 30.0)


@pytest.mark.parametrize(("patient", "share"), [(True, 60.0), (False, 15.0)])
def test_time_in_which_all_get_ready_is_not_counted(
    now: list[float], *, patient: bool, share: float
) -> None:
    """Unless a time was asked for: that holds for everything."""
    session = clock(left=1, patient=patient)
    now[0] += 45.0
    with session.working() as seconds:
        assert seconds == share


def test_time_in_which_somebody_works_is_counted(now: list[float]) -> None:
    """Who gets ready meanwhile loses it."""
    session = clock(left=2, slots=2, patient=True)
    with session.working():
        now[0] += 45.0
        with session.working() as seconds:
            assert seconds == 15.0
