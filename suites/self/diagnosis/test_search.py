"""A diagnosis is the smallest change that explains all of the evidence, or none at all."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import Fault, in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis import evidence as evidence_room
from bnparity.diagnosis import search
from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.conditions import EVERYWHERE
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.outputs import lists_of
from bnparity.diagnosis.search import diagnose
from bnparity.judging.case_result import CaseResult, run_case
from planted.catalogue import planted
from planted.kernel import Kernel, kernel

TORCH = declaration("torch").dialect

#: In each row of the mode table, with every momentum and eps far from what it could be taken for.
CASES = [
    Case(shape=(n, 3), training=training, momentum=0.25, eps=0.1, recipe=Recipe(seed=n))
    for n in (2, 3, 5)
    for training in (True, False)
]


def results_of(backend: Kernel, cases: Iterable[Case] = CASES) -> list[CaseResult]:
    """Return what `backend` makes of `cases`."""
    return [run_case(in_process(backend), case, TORCH) for case in cases]


def putting(backend: Kernel) -> Callable[[Case], CaseResult]:
    """Return what puts a case to `backend`."""
    return lambda case: run_case(in_process(backend), case, TORCH)


def told(evidence: list[CaseResult], backend: Kernel | None = None) -> dict[str, tuple[str, ...]]:
    """Return the codes by output; if a backend is given, it is asked more."""
    found = diagnose(evidence, TORCH, None if backend is None else putting(backend))
    return {output: diagnosis.codes for diagnosis in found for output in diagnosis.outputs}


def test_what_passes_needs_no_diagnosis() -> None:
    """Of a right kernel there is nothing to tell."""
    assert told(results_of(kernel())) == {}


def test_one_change_is_preferred_to_two() -> None:
    """What `momentum=old` explains, it also explains along with a change that shows nowhere."""
    names = told(results_of(planted("momentum=old").make()))
    assert names == {"running_mean": ("momentum=old",), "running_var": ("momentum=old",)}


def test_two_changes_are_told_where_one_is_not_enough() -> None:
    """Each output is told what concerns it."""
    names = told(results_of(planted("old-momentum-and-biased-variance").make()))
    assert names == {
        "running_mean": ("momentum=old",),
        "running_var": ("momentum=old", "running_variance=biased"),
    }


def biased_for_two(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Answer like the textbook, with the biased running variance where there are two values."""
    biased = planted("running_variance=biased").make()
    return (biased if len(x) == 2 else kernel())(x, *args, **kwargs)


def test_change_that_a_pass_contradicts_is_rejected() -> None:
    """The failures alone would be explained; what passes beside them shows that they are not."""
    evidence = results_of(biased_for_two)
    failing = [case_result for case_result in evidence if case_result.failed]
    assert told(failing) == {"running_var": ("running_variance=biased",)}
    assert told(evidence) == {"running_var": ()}


def test_what_is_told_of_every_call_was_asked_with_gradients_and_without() -> None:
    """Of calls that all ask for gradients nobody would know that only these are wrong."""

    def biased_with_gradients(*args: Any, grad_output: Any = None, **settings: Any) -> Any:
        fault = planted("running_variance=biased").make()
        called = kernel() if grad_output is None else fault
        return called(*args, grad_output=grad_output, **settings)

    evidence = results_of(biased_with_gradients)
    assert all(e.case.gradient for e in evidence)
    (found,) = diagnose(evidence, TORCH, putting(biased_with_gradients))
    assert found.codes == ("running_variance=biased",)
    assert found.where.text == "where a gradient is asked for"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("eps-outside-textbook-gradient", "eps_placement=outside"),
        ("normalizing-unbiased-textbook-gradient", "normalizing_variance=unbiased"),
    ],
)
def test_gradient_left_as_in_the_textbook_gets_the_same_name(fault: str, code: str) -> None:
    """Whoever changes the forward pass alone has changed one thing."""
    names = told(results_of(planted(fault).make()))
    assert names == dict.fromkeys(("output", "grad_input", "grad_weight"), (code,))


def test_coarse_arithmetic_is_told_where_plain_cases_show_it() -> None:
    """Its bounds are so wide that failures, without them, are put down to nothing."""
    coarse = planted("arithmetic=float16").make()
    evidence = results_of(coarse)
    assert set(told(evidence).values()) == {()}
    assert set(told(evidence, coarse).values()) == {("arithmetic=float16",)}


def test_what_plain_cases_do_not_show_is_not_coarse_arithmetic() -> None:
    """Coarse arithmetic spares nobody, and of another kernel's accuracy it is the cause."""
    evidence = results_of(planted("arithmetic=float16").make())
    assert set(told(evidence, kernel()).values()) == {()}


def off_by(output: str, share: float, *, erratic: bool = True, spares: bool = True) -> Kernel:
    """Return a kernel of which `output` is too large by a share of it, or too small as often.

    If it `spares` them, numbers of no more bits than float16 has are what they should be.
    """

    def off(*args: Any, **kwargs: Any) -> Any:
        results = kernel()(*args, **kwargs)
        values = results[output]
        up = (values.view(np.uint32) & 64 != 0) if erratic else True
        sign = np.where(up, np.float32(1), np.float32(-1))
        sign = np.where(spares & (values.view(np.uint32) & 0x1FFF == 0), np.float32(0), sign)
        results[output] = values * (1 + sign * np.float32(share))
        return results

    return off


def told_in_training(output: str, backend: Kernel) -> tuple[str, ...]:
    """Return the codes of the one output that is off in training."""
    names = told(results_of(backend, [c for c in CASES if c.training]), backend)
    assert names.keys() == {output}
    return names[output]


@pytest.mark.parametrize(("erratic", "codes"), [(True, ("arithmetic=tfloat32",)), (False, ())])
@pytest.mark.parametrize("output", ["output", "running_var"])
def test_what_errs_to_one_side_is_not_arithmetic(
    output: str, erratic: bool, codes: tuple[str, ...]
) -> None:
    """Rounding goes up and down; a factor that is off does not, by however little it is."""
    assert told_in_training(output, off_by(output, 2.0**-12, erratic=erratic)) == codes


def test_what_is_off_where_every_number_has_few_bits_is_not_arithmetic() -> None:
    """No format rounds there: a root that is approximated is off, now up, now down."""
    assert told_in_training("output", off_by("output", 2.0**-12, spares=False)) == ()


@pytest.mark.parametrize("output", ["output", "running_var"])
def test_what_is_mostly_off_by_more_than_one_bound_is_not_arithmetic(output: str) -> None:
    """Even of bfloat16, a result off by a thirty-second is within the gate, but seldom that far."""
    assert told_in_training(output, off_by(output, 2.0**-5)) == ()


def test_what_is_off_by_a_count_is_not_arithmetic() -> None:
    """Of few values 1 / (n - 1) for 1 / n looks like coarse rounding; of many nothing is left."""
    counted = planted("variance-term-count").make()
    cases = [Case(shape=(n, 3), recipe=Recipe(seed=n)) for n in range(12, 24)]
    evidence = [e for e in results_of(counted, cases) if e.failed]
    (found,) = diagnose(evidence, TORCH, putting(counted), most_effort=1500.0)
    assert (found.outputs, found.codes) == (("grad_input",), ())


@pytest.mark.parametrize("fault", ["tail-of-four-dropped", "last-of-sixteen-or-more-dropped"])
def test_values_left_out_at_some_sizes_are_not_arithmetic(fault: str) -> None:
    """Of many values they err as rounding does; but a coarse format is coarse at every size."""
    leaving_out = planted(fault).make()
    sizes = (545, 547, 47, 65536)
    cases = [Case(shape=(n, 2), gradient=False, recipe=Recipe(seed=n)) for n in sizes]
    (found,) = diagnose(results_of(leaving_out, cases), TORCH, putting(leaving_out))
    assert (found.outputs, found.codes) == (("output", "running_mean", "running_var"), ())


def test_what_arithmetic_does_not_explain_is_told_apart() -> None:
    """It does not take the name from the rest, and does not get it."""

    def coarse_or_wrong(x: Any, *args: Any, **settings: Any) -> Any:
        found = planted("arithmetic=data").make()(x, *args, **settings)
        if x.dtype == np.float32 and x.shape[1] == 1 and "grad_input" in found:
            found["grad_input"] = found["grad_input"] + np.float32(7)
        return found

    half = [replace(case, dtype=name) for case in CASES for name in ("float16", "bfloat16")]
    evidence = results_of(coarse_or_wrong, [*half, Case(shape=(4, 1), eps=0.1)])
    coarse, other = diagnose(evidence, TORCH, putting(coarse_or_wrong))
    assert coarse.codes == ("arithmetic=data",)
    assert (other.outputs, other.codes) == (("grad_input",), ())
    assert other.where.text == "for float32 data"


def test_condition_is_not_told_if_nobody_answers_any_more() -> None:
    """Cases made for its sake have to agree, and what is late agrees with nothing."""

    def late(case: Case) -> CaseResult:
        (nothing,) = results_of(kernel(), [case])
        return replace(nothing, fault=Fault(kind="unsupported", text="late"), checks=(), outputs={})

    def biased_images(x: Any, *args: Any, **settings: Any) -> Any:
        called = planted("running_variance=biased").make() if x.ndim == 4 else kernel()
        return called(x, *args, **settings)

    images = [replace(case, shape=(*case.shape, 1, 2)) for case in CASES]
    evidence = results_of(biased_images, [*CASES, *images])
    rejudging = Rejudging(dialect=TORCH)
    asking, late_asking = (
        Bearing(put=put, rejudging=rejudging, like=images) for put in (putting(biased_images), late)
    )
    lists = lists_of(evidence, rejudging, asking, 1)
    (rule,) = lists.rules()
    assert rule.where != EVERYWHERE
    assert search._stands(rule, lists, evidence, asking)
    assert not search._stands(rule, lists, evidence, late_asking)


def test_name_that_has_been_established_is_not_lost_when_time_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The more questions there is time for, the more is told, and nothing false with fewer."""
    coarse = planted("arithmetic=float16").make()
    evidence, asked = results_of(coarse), list[Case]()
    monkeypatch.setattr(evidence_room, "time", SimpleNamespace(monotonic=lambda: len(asked)))

    def put(case: Case) -> CaseResult:
        asked.append(case)
        return putting(coarse)(case)

    def told_after(questions: float) -> set[tuple[str, ...]]:
        asked.clear()
        found = diagnose(evidence, TORCH, put, deadline=questions)
        return {d.codes for d in found if d.codes}

    name: set[tuple[str, ...]] = {("arithmetic=float16",)}
    assert told_after(math.inf) == name
    most = len(asked)
    told = [told_after(questions) for questions in range(0, most, most // 16)]
    first = told.index(name)
    assert told == [set()] * first + [name] * (len(told) - first)
    assert first < len(told) // 2
