"""An evaluation of a backend ends with diagnosed findings, and of a right one with none."""

from typing import Any

import numpy as np
from hunting.evaluations import PROMISED, evaluated, found
from planted.catalogue import planted
from planted.kernel import kernel


def test_right_kernel_is_left_in_peace() -> None:
    """The textbook has no findings."""
    assert found(kernel()) == ()


def test_two_faults_get_two_names() -> None:
    """Of a kernel that is wrong in two ways at once, each output is told what concerns it."""
    both = planted("old-momentum-and-biased-variance").make()
    names = {finding.output: set(finding.codes) for finding in found(both)}
    assert names["running_mean"] == {"momentum=old"}
    assert names["running_var"] == {"momentum=old", "running_variance=biased"}


def test_finding_has_the_element_that_decided() -> None:
    """Expected, got and bound of the smallest case are told as numbers, and not in words alone."""
    (finding,) = found(planted("running_variance=biased").make())
    element = finding.to_json()["element"]
    assert element["output"] == "running_var"
    assert len(element["index"]) == 1
    got, expected, bound = (float(element[key]) for key in ("got", "expected", "bound"))
    assert abs(got - expected) > bound > 0.0


def test_fault_without_a_name_is_not_given_one() -> None:
    """Noise that no convention makes stays unexplained, with the smallest case that shows it."""

    def shifted(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        results: dict[str, Any] = dict(kernel()(x, *args, **kwargs))
        if x.shape[1] >= 3:
            results["output"] = results["output"] + np.float32(1)
        return results

    (finding,) = found(shifted)
    assert (finding.output, finding.codes) == ("output", ())
    assert finding.case is not None
    assert finding.case.shape == (2, 3)


def test_missing_output_is_never_passed() -> None:
    """An output that never comes is a finding, not a pass."""

    def forward_only(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"output": kernel()(*args, **kwargs)["output"]}

    (finding,) = found(forward_only)
    assert set(finding.outputs) == set(PROMISED) - {"output"}
    assert finding.kind == "vacuous"
    assert "never provided" in finding.text


def test_misspelled_output_is_told_with_its_name() -> None:
    """A name that no output has is told, with the missing output that was probably meant."""

    def misspelling(*args: Any, **kwargs: Any) -> dict[str, Any]:
        results: dict[str, Any] = dict(kernel()(*args, **kwargs))
        return {"outptu": results.pop("output"), "state": 1, **results}

    (finding,) = found(misspelling)
    said = "never provided; it returned outptu (did you mean output?), which is no output; if"
    assert said in finding.text


def test_output_missing_now_and_then_is_never_passed() -> None:
    """A kernel that leaves out what it cannot do is told how often."""

    def forgetful(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        results: dict[str, Any] = dict(kernel()(x, *args, **kwargs))
        return {k: v for k, v in results.items() if k != "grad_input" or x.ndim != 4}

    (finding,) = found(forgetful)
    assert (finding.output, finding.kind) == ("grad_input", "vacuous")


def test_running_statistics_may_be_left_out_of_inference() -> None:
    """They do not move there, so a kernel need not return them."""

    def brief(*args: Any, **kwargs: Any) -> dict[str, Any]:
        results: dict[str, Any] = dict(kernel()(*args, **kwargs))
        kept = results if kwargs["training"] else results.keys() - {"running_mean", "running_var"}
        return {name: results[name] for name in kept}

    assert found(brief) == ()


def test_fault_of_some_cases_is_not_put_down_to_arithmetic() -> None:
    """Coarse arithmetic spares no case; one per cent off in one channel is something else."""

    def sometimes(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        results: dict[str, Any] = dict(kernel()(x, *args, **kwargs))
        if x.shape[1] == 1:
            results["output"] = results["output"] * x.dtype.type(1.01)
        return results

    (finding,) = found(sometimes)
    assert (finding.output, finding.codes, finding.kind) == ("output", (), "semantics")


def test_fault_of_one_format_is_told_of_that_format() -> None:
    """A kernel that only goes wrong with half parameters is told so, and what it does then."""

    def half_wrong(x: Any, weight: Any, bias: Any, mean: Any, var: Any, **kwargs: Any) -> Any:
        results = dict(kernel()(x, weight, bias, mean, var, **kwargs))
        if mean is not None and mean.dtype == np.float16:
            results |= {"running_mean": mean.copy(), "running_var": var.copy()}
        return results

    findings = found(half_wrong, dtypes=("float16",))
    assert {finding.codes for finding in findings} == {("running_update=never",)}
    assert all("for float16 data with float16 parameters" in f.text for f in findings)


def test_exception_is_a_finding_with_its_smallest_case() -> None:
    """What is raised is counted as one fault, whatever the numbers in its message."""

    def picky(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if x.ndim >= 4:
            raise ValueError(f"cannot do {x.shape}")
        return dict(kernel()(x, *args, **kwargs))

    (finding,) = found(picky)
    assert finding.kind == "error"
    assert finding.case is not None
    assert finding.case.shape == (2, 1, 1, 1)


def test_same_seed_draws_the_same_cases() -> None:
    """Figures of two evaluations with one seed are equal."""
    first, second = (evaluated(kernel(), examples=150).totals for _ in range(2))
    assert first.cases == second.cases == 150
    assert first.outputs == second.outputs


def test_few_answers_are_no_pass() -> None:
    """Of a kernel that declines most of what it is asked, too little is known."""

    def pairs_only(x: Any, *args: Any, **kwargs: Any) -> Any:
        if x.ndim > 2 or len(x) != 2:
            raise NotImplementedError("two rows of data alone")
        return kernel()(x, *args, **kwargs)

    texts = [finding.text for finding in found(pairs_only)]
    assert any("two rows of data alone" in text for text in texts), texts
