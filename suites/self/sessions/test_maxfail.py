"""A backend is asked no more once it has failed often enough, or always in one way."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alone import judge_backend
from bnparity.backends.call import in_process
from bnparity.backends.names import parse
from bnparity.backends.open import Capabilities
from bnparity.sessions.campaign.drawing import Subject, draw
from bnparity.sessions.evaluation import ALIKE, BLOCK, Evaluation
from bnparity.sessions.plan import Plan
from hunting.evaluations import evaluation_of
from planted.catalogue import planted
from planted.kernel import kernel


def refuses(*_: Any, **__: Any) -> Any:
    raise TypeError("not like this")


def refuses_four_axes(x: Any, *args: Any, **kwargs: Any) -> Any:
    if x.ndim == 4:
        raise TypeError("not like this")
    return kernel()(x, *args, **kwargs)


def asked(backend: Callable[..., Any], maxfail: int | None) -> Evaluation:
    """Return an evaluation by up to 30 cases."""
    evaluation = evaluation_of(in_process(backend))
    evaluation.maxfail = maxfail
    evaluation.run(seed=0, examples=30, deadline=math.inf, report=lambda: None)
    return evaluation


def test_what_always_fails_alike_is_given_up() -> None:
    """The first cases are enough; how many there were is told, and the option that asks on."""
    evaluation = asked(refuses, None)
    assert evaluation.drawn == ALIKE
    assert evaluation.enough == (
        f"the first {ALIKE} cases all failed alike: stopped; --maxfail 0 asks on"
    )


def test_no_limit_asks_to_the_end() -> None:
    """All cases fail, and all are counted."""
    evaluation = asked(refuses, 0)
    assert (evaluation.drawn, evaluation.seen.total(), evaluation.enough) == (30, 30, "")


@pytest.mark.parametrize("backend", [refuses_four_axes, planted("momentum=old").make()])
def test_what_fails_otherwise_is_asked_to_the_end(backend: Callable[..., Any]) -> None:
    """A fault of some cases, or wrong outputs, are no reason to stop unless that is asked for."""
    evaluation = asked(backend, None)
    assert (evaluation.drawn, evaluation.enough) == (30, "")
    assert evaluation.seen


@pytest.mark.parametrize(("most", "told"), [(1, "1 failing case"), (2, "2 failing cases")])
def test_number_of_failing_cases_is_a_limit(most: int, told: str) -> None:
    """Cases that pass do not count."""
    evaluation = asked(refuses_four_axes, most)
    assert evaluation.seen.total() == most
    assert evaluation.drawn > most
    assert evaluation.enough == f"stopped after {told}; --maxfail 0 asks on"


def test_judgement_says_that_it_was_stopped(tmp_path: Path) -> None:
    """It is a failure all the same, with its finding."""
    (tmp_path / "kernel.py").write_text("def batch_norm(*_, **__): raise TypeError('no')\n")
    name, plan = parse(f"{tmp_path / 'kernel.py'}:batch_norm"), Plan(examples=30, in_process=True)
    judgement = judge_backend(name, plan, 60.0)
    assert judgement.status == "fail"
    assert "all failed alike" in judgement.stopped
    (finding,) = judgement.findings
    assert (finding.kind, finding.count, judgement.totals.cases) == ("error", ALIKE, ALIKE)


def test_blocks_of_a_campaign_are_drawn_to_their_end() -> None:
    """What a block adds to a campaign depends on its number, not on what fails in it."""
    subject = Subject(ask=in_process(refuses), capabilities=Capabilities(), plan=Plan())
    contribution = draw(subject, 0, lambda: False)
    assert contribution is not None
    assert contribution.counts["drawn", "[]"] == BLOCK
