"""A gradient goes by no convention of the forward pass that the output of its calls denies."""

from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.rooted import rooted
from bnparity.diagnosis.rules import Lists, Rule, Told
from bnparity.judging.case_result import CaseResult, run_case
from planted.catalogue import planted

TORCH = declaration("torch").dialect


def results_of(fault: str, scale: int, eps: float) -> list[CaseResult]:
    """Return what a faulty kernel makes of data of such a decimal exponent."""
    backend = in_process(planted(fault).make())
    recipes = [Recipe(seed=seed, scale=scale) for seed in range(4)]
    cases = [Case(shape=(5, 3), eps=eps, recipe=recipe) for recipe in recipes]
    return [run_case(backend, case, TORCH) for case in cases]


def rules_left(rule: Rule, told: list[CaseResult], left: list[CaseResult]) -> list[Rule]:
    """Return the rules that stay of one told of `grad_weight`, with failures of the output."""
    parts = [Told(rule=rule, failures=tuple(told))]
    lists = Lists(
        told={"output": [], "grad_weight": parts}, left={"output": left, "grad_weight": []}
    )
    return rooted(lists, Rejudging(dialect=TORCH)).rules()


#: A fault, what some of its calls look like, data of which they are, and of which they are not.
LOOKS_LIKE: list[Any] = [
    pytest.param(
        "inverse-deviation-capped", ("eps_floor", 1e-4), (-6, 1e-12), (-3, 1e-12), id="cap"
    ),
    pytest.param(
        "eps-is-a-floor-of-the-variance", ("eps", "ignored"), (0, 0.1), (-1, 0.1), id="floor"
    ),
]


@pytest.mark.parametrize(("fault", "change", "like", "unlike"), LOOKS_LIKE)
def test_gradient_does_not_go_by_what_the_output_denies(
    fault: str, change: Any, like: Any, unlike: Any
) -> None:
    """Both read the same deviation: what explains one of them explains the other."""
    agreeing, others = results_of(fault, *like), results_of(fault, *unlike)
    assert all("output" in e.failed for e in (*agreeing, *others))
    assert rules_left(Rule(changes=(change,)), agreeing, [*agreeing, *others]) == []


@pytest.mark.parametrize(("fault", "change", "like", "unlike"), LOOKS_LIKE)
def test_gradient_goes_by_what_the_output_does_not_deny(
    fault: str, change: Any, like: Any, unlike: Any
) -> None:
    """What has not been told of the output yet may be told of a gradient."""
    agreeing, rule = results_of(fault, *like), Rule(changes=(change,))
    assert rules_left(rule, agreeing, agreeing) == [rule]


def test_what_does_not_show_in_the_output_is_left_alone() -> None:
    """The output says nothing of what is done in the backward pass alone."""
    failures = results_of("inverse-deviation-capped", -3, 1e-12)
    rule = Rule(changes=(("parameter_gradients", "averaged"),))
    assert rules_left(rule, failures, failures) == [rule]
