"""Cases across backends are those that several were asked, the worst of each among them."""

from bnparity.backends import Fault
from bnparity.cases import Case, make_inputs
from bnparity.judging import CaseResult
from bnparity.results.across import MOST_KEPT, MOST_SHOWN, Answered, across, answered
from bnparity.results.document import to_document
from bnparity.results.figures import Totals
from bnparity.results.judgement import Judgement
from hunting.evaluations import evaluated
from judgeable import other_way_round, right


def of_ratio(ratio: float) -> Answered:
    """Return what a backend made of a case whose output has this ratio."""
    return Answered(verdict="pass" if ratio <= 1 else "fail", ratios={"output": ratio})


def cases(count: int) -> list[Case]:
    """Return cases that differ."""
    return [Case(shape=(2, 1 + number)) for number in range(count)]


def test_case_of_one_backend_is_left_out() -> None:
    """There is nothing to compare it with."""
    one, other = cases(2)
    found = across({"a": {one: of_ratio(1), other: of_ratio(9)}, "b": {one: of_ratio(2)}})
    assert [shown["case"]["shape"] for shown in found] == [[2, 1]]
    assert found[0]["answers"]["b"]["ratios"] == {"output": 2}


def test_each_backend_has_its_worst_case_among_the_first() -> None:
    """One that fails everywhere does not hide where another is at its worst."""
    asked = cases(MOST_SHOWN + 10)
    bad = {case: of_ratio(1e6) for case in asked}
    good = {case: of_ratio(number / 100) for number, case in enumerate(asked)}
    found = across({"bad": bad, "good": good})
    assert len(found) == MOST_SHOWN
    assert asked[-1].to_json() in [shown["case"] for shown in found[:2]]


def test_a_fault_is_worse_than_any_ratio() -> None:
    """Who crashed has answered nothing, and is shown first."""
    one, other = cases(2)
    crashed = Answered(verdict="fail", ratios={}, fault="crash")
    kept = {one: of_ratio(1e9), other: crashed}
    found = across({"a": kept, "b": {case: of_ratio(0) for case in kept}})
    assert found[0]["answers"]["a"]["fault"] == "crash"


def test_what_is_kept_does_not_grow() -> None:
    """A session of any length keeps the first cases."""
    totals, fault = Totals(), Fault(kind="error", text="no")
    for case in cases(MOST_KEPT + 5):
        inputs = make_inputs(case)
        result = CaseResult(
            case=case, inputs=inputs, outputs={}, checks=(), fault=fault, asked=("output",)
        )
        totals.add(result)
    assert len(totals.answered) == MOST_KEPT
    assert answered(result).fault == "error"


def test_session_of_two_backends_shows_what_one_alone_fails() -> None:
    """The same cases were put to both, so results have them side by side."""
    judgements = []
    for name, function in (("right", right), ("wrong", other_way_round)):
        evaluation = evaluated(function, seed=0, examples=30, dtypes=("float32",))
        judgement = Judgement(name=name, interpreter="python", dialect="torch")
        judgement.totals = evaluation.totals
        judgements.append(judgement)
    found = to_document(judgements, seed=0, seconds=1.0, command="bnparity run")["cases"]
    verdicts = [{n: a["verdict"] for n, a in shown["answers"].items()} for shown in found]
    assert {"right": "pass", "wrong": "fail"} in verdicts
    assert "fail" not in {verdict["right"] for verdict in verdicts}
