"""A gradient goes by no convention of the forward pass that the output of its calls denies."""

import numpy as np
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.rooted import rooted
from bnparity.diagnosis.rules import Lists, Rule, Told
from bnparity.judging.case_result import CaseResult, run_case
from planted.kernel import kernel
from planted.textbook import root

TORCH = declaration("torch").dialect
#: A kernel whose 1 / root is at most 100: where variances are tiny, eps may have a floor of 1e-4.
CAPPED = kernel(root=lambda var, eps: np.maximum(root(var, eps), 0.01))
FLOOR = Rule(changes=(("eps_floor", 1e-4),))


def results_of(scale: int) -> list[CaseResult]:
    """Return what the kernel makes of data of such a decimal exponent."""
    recipes = [Recipe(seed=seed, scale=scale) for seed in range(4)]
    cases = [Case(shape=(5, 3), eps=1e-12, recipe=recipe) for recipe in recipes]
    return [run_case(in_process(CAPPED), case, TORCH) for case in cases]


def rules_left(told: list[CaseResult], left: list[CaseResult]) -> list[Rule]:
    """Return the rules that stay of a floor told of `grad_weight`, with failures of the output."""
    parts = [Told(rule=FLOOR, failures=tuple(told))]
    lists = Lists(
        told={"output": [], "grad_weight": parts}, left={"output": left, "grad_weight": []}
    )
    return rooted(lists, Rejudging(dialect=TORCH)).rules()


def test_gradient_does_not_go_by_what_the_output_denies() -> None:
    """Both read the same deviation: what explains one of them explains the other."""
    tiny, small = results_of(-6), results_of(-3)
    assert all("output" in e.failed for e in (*tiny, *small))
    assert rules_left(tiny, [*tiny, *small]) == []


def test_gradient_goes_by_what_the_output_does_not_deny() -> None:
    """What has not been told of the output yet may be told of a gradient."""
    tiny = results_of(-6)
    assert rules_left(tiny, tiny) == [FLOOR]
