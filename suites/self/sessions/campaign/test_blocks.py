"""A block's contribution depends on its number, the seed and the backend, and on nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.names import parse
from bnparity.backends.open import Capabilities, opened
from bnparity.judging.case_result import symptoms
from bnparity.kernels import numpy_kernel
from bnparity.sessions.campaign.drawing import Subject, draw, shrink
from bnparity.sessions.plan import Plan
from planted.catalogue import planted

#: Float32 by torch's dialect: what capabilities say by default.
PLAN = Plan(seed=7)


def subject(backend: Callable[..., Any] = numpy_kernel.batch_norm) -> Subject:
    """Return a backend in this process as the subject of a campaign."""
    return Subject(ask=in_process(backend), capabilities=Capabilities(), plan=PLAN)


def never() -> bool:
    """Say that it is not over."""
    return False


@pytest.mark.parametrize("number", [0, 1])
def test_block_does_not_depend_on_what_was_drawn_before(number: int) -> None:
    """Alone or after another, on a fresh subject or a used one."""
    alone = draw(subject(), number, never)
    used = subject()
    draw(used, 5, never)
    assert draw(used, number, never) == alone


def test_block_is_the_same_in_a_worker() -> None:
    """Isolation changes nothing that is counted."""
    with opened(parse("numpy")) as backend:
        assert backend.ask is not None
        isolated = Subject(ask=backend.ask, capabilities=Capabilities(), plan=PLAN)
        assert draw(isolated, 1, never) == draw(subject(), 1, never)


def test_draws_do_not_depend_on_loaded_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another module full of constants, from which Hypothesis takes some, changes nothing."""
    before = draw(subject(), 0, never)
    (tmp_path / "constants.py").write_text(f"NUMBERS = {list(range(100, 1000))}\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("constants")
    assert draw(subject(), 0, never) == before


def test_block_that_is_stopped_contributes_nothing() -> None:
    """Half a block is none."""
    asked = iter(range(100))
    assert draw(subject(), 0, lambda: next(asked) > 50) is None


def test_other_seed_is_another_block() -> None:
    """Neither the seed nor the number is overlooked."""
    first = draw(subject(), 0, never)
    assert first is not None
    second = draw(subject(), 2, never)
    assert second is not None
    assert first.samples != second.samples


def test_smallest_case_is_the_same_each_time() -> None:
    """Shrinking is bounded by count: how busy the machine is does not show."""
    wrong = subject(planted("rectified").make())
    first, second = (shrink(wrong, 0, "output", never) for _ in range(2))
    assert first is not None
    assert second is not None
    assert "output" in symptoms(first)
    assert first.case == second.case
    assert first.case.shape == (2, 1)


def test_symptom_that_a_block_does_not_show_has_no_smallest_case() -> None:
    """A backend that erred once may not do it again."""
    assert shrink(subject(), 0, "output", never) is None
