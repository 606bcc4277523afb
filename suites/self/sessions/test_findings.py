"""What a finding says of a failure beside the failure itself, for kernels wrong on purpose."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bnparity.diagnosis.search import Diagnosis
from bnparity.results.findings import Finding
from bnparity.sessions.findings import findings_of, share_of
from hunting.evaluations import PROMISED, evaluated
from planted.kernel import kernel

Results = dict[str, Any]


def found(backend: Callable[..., Any], examples: int = 60, **drawn: Any) -> tuple[Finding, ...]:
    """Return what an evaluation of few cases finds."""
    return findings_of(evaluated(backend, examples=examples, **drawn), PROMISED)


def with_momentum(momentum: float | None, **settings: Any) -> Results:
    """Return the arguments of a call, momentum None taken for 0."""
    return {**settings, "momentum": 0.0 if momentum is None else momentum}


def test_settings_of_the_smallest_case_are_told() -> None:
    """A kernel that is wrong where momentum is None is told so."""

    def forgetful(*args: Any, **settings: Any) -> Any:
        return kernel()(*args, **with_momentum(**settings))

    (finding,) = found(forgetful, examples=150)
    assert "training on [2, 1] with momentum=None, " in finding.text


def test_worst_case_is_told_beside_the_smallest() -> None:
    """The worst has a ratio that is no smaller."""

    def shifted(x: Any, *args: Any, **settings: Any) -> Any:
        results: Results = dict(kernel()(x, *args, **settings))
        if x.ndim == 3:
            results["output"] = np.full_like(x, np.nan)
        return results

    (finding,) = found(shifted)
    assert finding.worst is not None
    assert finding.ratio is not None
    assert finding.worst.ratio >= finding.ratio
    assert finding.cases is not None
    assert 0 < finding.count < finding.cases


def test_rest_of_an_output_is_counted_as_the_rest() -> None:
    """Of four failures three have a name: the fourth is a quarter of what was seen."""
    failures: list[Any] = [SimpleNamespace(failed=("output",)) for _ in range(4)]
    named = Diagnosis(
        outputs=("output",), changes=(("bias", "ignored"),), failures=(*failures[:3],)
    )
    rest = Diagnosis(outputs=("output",), changes=(), failures=(failures[3],))
    evaluation: Any = SimpleNamespace(diagnoses=(named, rest))
    assert [share_of(evaluation, found) for found in (named, rest)] == [1.0, 0.25]


def test_exceptions_of_one_place_are_one_finding() -> None:
    """Whatever their messages say; where it was is told."""

    def picky(x: Any, *args: Any, **settings: Any) -> Any:
        if x.ndim >= 4:
            raise ValueError("four" if x.ndim == 4 else "five or more")
        return kernel()(x, *args, **settings)

    (finding,) = found(picky)
    assert "test_findings.py:" in finding.text
    assert "in picky: raise ValueError" in finding.text
    assert finding.traceback.count("\n") == 0


def test_gradients_of_zero_are_told_as_such() -> None:
    """No convention makes them, and it needs none to say what they are."""

    def zeros(*args: Any, **settings: Any) -> Any:
        results: Results = dict(kernel()(*args, **settings))
        grads = {n: None if a is None else np.zeros_like(a) for n, a in results.items()}
        return {n: grads[n] if n.startswith("grad_") else a for n, a in results.items()}

    (finding,) = found(zeros)
    assert finding.outputs == ("grad_input", "grad_weight", "grad_bias")
    assert "always 0" in finding.text
    assert finding.kind == "semantics"


def counting(period: int, output: str) -> Callable[..., Any]:
    """Return a kernel of which one output depends on how many calls there were."""
    calls = [0]

    def varying(*args: Any, **settings: Any) -> Any:
        calls[0] += 1
        results: Results = dict(kernel()(*args, **settings))
        if results.get(output) is not None:
            results[output] = results[output] + np.float32(calls[0] % period)
        return results

    return varying


def test_answer_that_varies_is_told_as_such() -> None:
    """Once, with what it was and then was, and no convention is claimed."""
    (finding,) = found(counting(7, "output"))
    assert (finding.kind, finding.codes) == ("nondeterminism", ())
    before, _, after = finding.text.partition(", then ")
    assert before.rpartition(" ")[2] != after.partition(";")[0]


def test_what_is_declined_throughout_is_one_finding() -> None:
    """With the kernel's own reason, and without the advice to draw more cases."""

    def declining(*args: Any, **settings: Any) -> Any:
        raise NotImplementedError("not today")

    (finding,) = found(declining)
    assert finding.kind == "vacuous"
    assert "declined every case: NotImplementedError: not today" in finding.text
    assert "more cases" not in finding.text


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_numbers_that_differ_look_different(dtype: str) -> None:
    """An error in the last digits of float64 shows in what is printed."""

    def off(x: Any, *args: Any, **settings: Any) -> Any:
        results: Results = dict(kernel()(x, *args, **settings))
        results["output"] = results["output"] * x.dtype.type(1 + 64 * np.finfo(x.dtype).eps)
        return results

    findings: tuple[Finding, ...] = found(off, dtypes=(dtype,))
    for finding in findings:
        element = finding.to_json()["element"]
        assert element["got"] != element["expected"]
        assert f"is {element['got']}, expected {element['expected']}" in finding.text
    assert findings
