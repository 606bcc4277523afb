"""A diagnosis is a list: what is done everywhere, what is done in some calls, and what is left."""

import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe, Step
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.search import Diagnosis, diagnose
from bnparity.judging.case_result import CaseResult, run_case
from planted.catalogue import planted
from planted.kernel import Kernel, kernel

TORCH = declaration("torch").dialect

#: In each row of the mode table, with sizes and settings of many kinds; none needs all the others.
CASES = [
    Case(
        shape=shape,
        training=training,
        tracked=tracked,
        momentum=None if turn % 5 == 0 else 0.25,
        eps=(0.1, 1e-3)[turn % 2],
        gradient=turn % 3 > 0,
        affine=("both", "none", "weight", "bias")[turn % 4],
        history=(Step(training=True, batch=3),) if tracked and turn % 4 == 1 else (),
        recipe=Recipe(seed=turn),
    )
    for turn, (shape, training, tracked) in enumerate(
        (shape, training, tracked)
        for shape in ((4, 3), (5, 2, 3), (2, 1), (2, 5, 2, 2), (40, 2), (7, 3, 9))
        for training in (True, False)
        for tracked in (True, True, False)
    )
]


def where(
    condition: Callable[[SimpleNamespace], bool], wrong: str, otherwise: Kernel | None = None
) -> Kernel:
    """Return a kernel that answers as a planted fault where a condition on the call holds."""
    faulty, right = planted(wrong).make(), otherwise or kernel()

    def batch_norm(
        x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, **settings: Any
    ) -> Any:
        arrays = (x, weight, bias, running_mean, running_var)
        given = {"x": x, "weight": weight, "running_mean": running_mean, "grad_output": None}
        call = SimpleNamespace(**{**given, **settings})
        return (faulty if condition(call) else right)(*arrays, **settings)

    return batch_norm


def told(backend: Kernel) -> list[Diagnosis]:
    """Return the diagnoses of a kernel that declares torch's dialect."""

    def put(case: Case) -> CaseResult:
        return run_case(in_process(backend), case, TORCH)

    return list(diagnose([put(case) for case in CASES], TORCH, put))


@pytest.mark.parametrize(
    ("condition", "wrong", "words"),
    [
        (lambda call: not call.training, "bias=ignored", "in inference"),
        (
            lambda call: call.grad_output is None,
            "momentum=old",
            "where no gradient is asked for",
        ),
        (
            lambda call: call.grad_output is not None,
            "running_update=always",
            "where a gradient is asked for",
        ),
        (lambda call: call.momentum is None, "running_update=never", "where momentum is None"),
        (
            lambda call: call.x.size // call.x.shape[1] > 32,
            "normalizing_variance=unbiased",
            "where n > 32",
        ),
        (lambda call: call.weight is None, "eps=ignored", "where there is no weight"),
        (lambda call: call.x.ndim == 2, "eps_placement=outside", "where x has 2 axes"),
        (
            lambda call: call.running_mean is not None and not call.training,
            "eps=ignored",
            "in inference with running statistics",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_cause_that_holds_in_some_calls_is_told_with_them(
    condition: Callable[[SimpleNamespace], bool], wrong: str, words: str
) -> None:
    """The one diagnosis has the name of what is wrong, and says where."""
    assert {(d.codes, d.where.text) for d in told(where(condition, wrong))} == {((wrong,), words)}


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ("running_variance=biased", "bias=ignored", {"running_variance=biased", "bias=ignored"}),
        ("momentum=old", "eps=ignored", {"momentum=old", "eps=ignored"}),
    ],
)
def test_causes_everywhere_and_in_inference_are_both_told(
    first: str, second: str, codes: set[str]
) -> None:
    """What is wrong in training does not hide what is wrong in inference."""
    backend = where(lambda call: not call.training, second, planted(first).make())
    assert {code for d in told(backend) for code in d.codes} == codes
    assert all(d.explained for d in told(backend))


def test_rest_that_nothing_explains_leaves_the_name_to_the_others() -> None:
    """It is a diagnosis of its own, with its own failures."""
    biased = planted("running_variance=biased").make()

    def backend(*args: Any, **settings: Any) -> Any:
        results = biased(*args, **settings)
        if settings["momentum"] is None and "running_var" in results:
            results["running_var"] = results["running_var"] * 1.37 + 0.11
        return results

    found = told(backend)
    assert ("running_variance=biased",) in {d.codes for d in found}
    (rest,) = (d for d in found if not d.explained)
    assert all(e.case.momentum is None for e in rest.failures)


@pytest.mark.parametrize(("extreme", "named"), [(1, {"running_variance=biased"}), (4, set())])
def test_few_failures_of_extreme_data_leave_the_name_to_the_others(
    extreme: int, named: set[str]
) -> None:
    """One of nine is a diagnosis of its own; where it is one of three, nothing holds everywhere."""
    biased = planted("running_variance=biased").make()

    def backend(x: Any, *args: Any, **settings: Any) -> Any:
        results = biased(x, *args, **settings)
        factor = 1.37 if abs(x).max() < 1e-3 else 1.0
        return {**results, "running_var": results["running_var"] * factor}

    scales = [0] * 9 + [-6] * extreme
    cases = [Case(shape=(4, 3), recipe=Recipe(seed=i, scale=s)) for i, s in enumerate(scales)]
    evidence = [run_case(in_process(backend), case, TORCH) for case in cases]
    found = diagnose(evidence, TORCH)
    assert {code for d in found for code in d.codes} == named
    (rest,) = (d for d in found if not d.explained)
    assert len(rest.failures) == (extreme if named else len(cases))


def test_change_that_moves_only_the_bound_of_an_output_is_not_its_name() -> None:
    """A gradient that is off by two thirds is not explained by what widens its bound."""
    outside = planted("eps_placement=outside").make()

    def off(*args: Any, **settings: Any) -> Any:
        results = outside(*args, **settings)
        if "grad_input" in results:
            results["grad_input"] = results["grad_input"] * 1.68
        return results

    named = {output for d in told(off) if d.explained for output in d.outputs}
    assert named == {"output", "grad_weight"}


def test_rare_loss_of_a_sum_is_not_one_pass() -> None:
    """What cases made to show one pass over the data do not show is not called so."""

    def losing(x: Any, *args: Any, **settings: Any) -> Any:
        results = kernel()(x, *args, **settings)
        if zlib.crc32(x.tobytes()) % 8 == 7:
            results["output"] = results["output"] * 1.001
        return results

    found = told(losing)
    assert found
    assert not any(d.explained for d in found)


def test_number_that_was_solved_for_is_told_with_its_uncertainty() -> None:
    """The code is the number alone; in words it says how far off that may be."""
    (found,) = told(planted("eps-hard-coded").make())
    assert found.codes == ("eps_value=1e-05",)
    (text,) = found.told
    number, _, off = text.partition(" +- ")
    assert number == "eps_value=1e-05"
    assert 0.0 < float(off) < 1e-6
