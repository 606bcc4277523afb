"""Evidence is judged again no oftener than it has to be, and not for ever."""

from dataclasses import replace
from itertools import product

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.candidates import singles
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.search import diagnose
from bnparity.judging.case_result import CaseResult, run_case
from bnparity_reference import OUTPUTS
from planted.catalogue import planted
from planted.kernel import Results, kernel

TORCH = declaration("torch").dialect
CASES = [
    Case(shape=shape, training=training, recipe=Recipe(seed=seed))
    for seed, (shape, training) in enumerate(product(((4, 3), (2, 2, 2), (9, 1)), (True, False)))
]


def wrong(name: str) -> list[CaseResult]:
    """Return what the oracle makes of a planted fault."""
    ask = in_process(planted(name).make())
    return [run_case(ask, case, TORCH) for case in CASES]


@pytest.mark.parametrize(
    "name", ["running_variance=biased", "eps_placement=outside", "first-item-alone"]
)
def test_what_may_not_explain_a_failure_does_not(name: str) -> None:
    """A change is only refuted without its bounds if it is with them."""
    evidence, refuted = wrong(name), 0
    for output, e in product(OUTPUTS, evidence):
        rejudging = Rejudging(dialect=TORCH)
        for change in singles(evidence, rejudging.readings, output) if output in e.failed else ():
            if not rejudging.may_explain(e, output, (change,)):
                assert rejudging.outcome(e, output, (change,)) != "explained"
                refuted += 1
    assert refuted > 20


def test_change_that_cannot_show_is_no_question_to_the_oracle() -> None:
    """Its outcome is known: what did not fail agrees with it."""
    rejudging, known = Rejudging(dialect=TORCH), 0
    for output, e in product(OUTPUTS, wrong("running_variance=biased")):
        judged = [check.output for check in e.checks]
        for change in singles((e,), rejudging.readings, output):
            if output in judged and rejudging.passes_alike(e, output, (change,)):
                assert rejudging.outcome(e, output, (change,)) == "agrees"
                known += 1
    assert known > 100


def test_tight_line_alone_tells_the_ratio_of_the_judge() -> None:
    """It is measured with less, and is the same number."""
    changes = (("eps_value", 1e-3),)
    for e, output in product(wrong("eps_placement=outside"), ("output", "grad_input")):
        measured = Rejudging(dialect=TORCH).measured(e, output, changes)
        again = Rejudging(dialect=TORCH).again(e, output, changes)
        assert measured is not None
        assert again is not None
        assert (measured.check.ratio, measured.off) == (again.check.ratio, again.off)


def test_effort_is_spent_by_asking_the_oracle_and_not_by_remembering() -> None:
    """The clock of the machine has no part in it."""
    e, rejudging, spent = wrong("eps_placement=outside")[0], Rejudging(dialect=TORCH), []
    for eps in (1e-3, 1e-3, 1e-4):
        rejudging.outcome(e, "output", (("eps_value", eps),))
        spent.append(rejudging.effort)
    assert 0.0 < spent[0] == spent[1] < spent[2]
    assert [replace(rejudging, most_effort=most).over for most in spent[1:]] == [True, False]


def test_diagnosis_that_explains_nothing_ends_and_says_so() -> None:
    """What is not explained with all effort spent is not said to have no explanation."""

    def garbage(*args: object, **settings: object) -> Results:
        results: Results = dict(kernel()(*args, **settings))
        output = results["output"]
        assert output is not None
        return {**results, "output": output[::-1].copy()}

    evidence = [run_case(in_process(garbage), case, TORCH) for case in CASES]
    (found,) = diagnose(evidence, TORCH, most_effort=50.0)
    assert not found.explained
    assert not found.finished


def test_part_of_the_effort_is_all_that_there_is_meanwhile() -> None:
    """What is left of it is there afterwards."""
    e = wrong("eps_placement=outside")[0]
    rejudging = Rejudging(dialect=TORCH, most_effort=8.0)
    with rejudging.part(4):
        rejudging.off(e, "output", ())
        rejudging.off(e, "output", (("eps", "ignored"),))
        rejudging.off(e, "output", (("bias", "ignored"),))
        assert rejudging.over
    assert not rejudging.over


def test_infinitely_far_is_not_nearer() -> None:
    """A change that leaves an output infinitely off explains nothing of it."""
    case = Case(shape=(2, 2), recipe=Recipe(special="infinite", special_in="grad_output"))
    e = run_case(in_process(planted("infinite-results-are-zero").make()), case, TORCH)
    assert "grad_bias" in e.failed
    rejudging = Rejudging(dialect=TORCH)
    assert not rejudging.may_explain(e, "grad_bias", (("statistics_over", "layer"),))


def test_nan_that_spreads_speaks_for_no_wider_statistics() -> None:
    """Whatever takes statistics over more channels has NaN in all of them."""
    case = Case(shape=(2, 2), recipe=Recipe(values="nan"))
    e = run_case(in_process(planted("nan-leaks-into-other-channels").make()), case, TORCH)
    assert "output" in e.failed
    outcome = Rejudging(dialect=TORCH).outcome(e, "output", (("statistics_over", "layer"),))
    assert outcome == "silent"
