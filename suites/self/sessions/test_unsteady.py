"""Calls whose replies vary: they are told as that, and what is steady is explained all the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
from bnparity.cases import Case
from bnparity.judging import CaseResult
from bnparity.results import Finding
from bnparity.sessions.findings import findings_of
from bnparity.sessions.unsteady import unsteady_of
from hunting.evaluations import PROMISED, evaluated
from planted.kernel import kernel

Results = dict[str, Any]


def biased_and_counting(counts: Callable[[Any], bool]) -> Callable[..., Any]:
    """Return a kernel of biased variances for four axes, whose means vary where `counts` says."""
    calls = [0]

    def backend(x: Any, *args: Any, **settings: Any) -> Any:
        calls[0] += 1
        wrong = {"running_estimate": lambda var, _: var} if x.ndim == 4 else {}
        results: Results = dict(kernel(**wrong)(x, *args, **settings))
        if results.get("running_mean") is not None and counts(x):
            results["running_mean"] = results["running_mean"] + np.float32(calls[0] % 7)
        return results

    return backend


def found(counts: Callable[[Any], bool]) -> dict[str, Finding]:
    """Return what is found of such a kernel, by the first of its outputs; of a fault, its kind."""
    findings = findings_of(evaluated(biased_and_counting(counts), examples=250), PROMISED)
    return {finding.output or finding.kind: finding for finding in findings}


def test_steady_calls_have_names_beside_calls_that_vary() -> None:
    """A condition is told, which takes cases made for its sake."""
    findings = found(lambda x: x.ndim == 3)
    assert set(findings) == {"nondeterminism", "running_var"}
    assert findings["running_var"].codes == ("running_variance=biased",)
    assert findings["running_var"].where == "where x has 4 axes"


def test_calls_that_vary_are_not_asked_for_a_name() -> None:
    """Of a cell that varies the backend is asked nothing more once all is drawn."""
    asked: list[Case] = []
    evaluation = evaluated(biased_and_counting(lambda x: x.ndim == 3), examples=250)
    put = evaluation.put

    def noted(case: Case) -> CaseResult:
        asked.append(case)
        return put(case)

    evaluation.put = noted  # type: ignore[method-assign]
    assert evaluation.diagnoses
    unsteady = unsteady_of(evaluation.failed_cases, evaluation.failures.values())
    assert unsteady.kinds
    assert asked
    assert not [case for case in asked if case in unsteady]
