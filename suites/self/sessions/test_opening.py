"""All backends of a session are opened at once, and each is asked as soon as it is ready."""

import time
from pathlib import Path

import pytest
from bnparity.backends import Limits, parse
from bnparity.frontends.commands import session
from bnparity.results import Judgement
from bnparity.sessions import Plan, judge_backends
from bnparity.sessions.evaluation import evaluation_of

#: Is imported when a file is there, and says that it begins to be.
KERNEL = """
import time
from pathlib import Path
from bnparity.kernels import numpy_kernel

Path("{own}").touch()
while not Path("{awaited}").exists():
    time.sleep(0.01)

def batch_norm(*args, **settings):
    return numpy_kernel.batch_norm(*args, **settings)
"""


def judged(names: list[str], plan: Plan) -> dict[str, Judgement]:
    """Return the judgement of each backend by its name."""
    found = judge_backends([parse(name) for name in names], plan, lambda *_: None)
    return {judgement.name: judgement for judgement in found}


def test_backends_are_opened_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two is ready when the other is being opened too."""
    monkeypatch.chdir(tmp_path)
    for own, awaited in (("one", "two"), ("two", "one")):
        Path(f"{own}.py").write_text(KERNEL.format(own=own, awaited=awaited))
    found = judged(["one.py:batch_norm", "two.py:batch_norm"], Plan(examples=3))
    assert [judgement.totals.cases > 0 for judgement in found.values()] == [True, True]


def test_what_is_not_ready_in_time_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it beyond the time of the session."""
    monkeypatch.chdir(tmp_path)
    Path("late.py").write_text(KERNEL.format(own="begun", awaited="end"))
    found = judged(["late.py:batch_norm"], Plan(seconds=0.5))
    Path("end").touch()
    assert found["late.py:batch_norm"].reason.startswith("it was not ready in time")


def test_floor_of_cases_is_drawn_when_time_is_over(tmp_path: Path) -> None:
    """So many, and not one more."""
    plan = Plan(in_process=True, limits=Limits(seconds=60.0))
    with plan.opened(parse("numpy")) as backend:
        assert backend.ask is not None
        evaluation = evaluation_of(backend.ask, backend.capabilities, plan)
    past, future = time.monotonic() - 1.0, time.monotonic() + 600.0
    evaluation.run(
        seed=0, examples=None, deadline=past, report=lambda: None, least=7, longest=future
    )
    assert evaluation.drawn == 7


def test_backend_with_few_cases_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do; one that was stopped for what it does, or is not here, is no such."""
    few = Judgement(name="torch[compile]", interpreter="")
    enough = Judgement(name="numpy", interpreter="")
    enough.totals.cases = 100
    stopped = Judgement(name="wrong.py:f", interpreter="", stopped="the first 5 cases failed alike")
    absent = Judgement(name="torch-cuda", interpreter="", reason="no device")
    session._tell_few([few, enough, stopped, absent], 100)
    assert capsys.readouterr().err == (
        "bnparity: torch[compile] had 0 cases, fewer than 100: "
        "bnparity run 'torch[compile]' --time 5m asks more\n"
    )
