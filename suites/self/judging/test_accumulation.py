"""How a kernel sums is told from its errors."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import summing
from bnparity.backends.call import OUTPUT_LIKE, Fault, Reply, in_process
from bnparity.backends.load import ACCUMULATIONS
from bnparity.cases.dialects import declaration
from bnparity.judging.accumulation import (
    GRADES,
    SIZES,
    Accumulation,
    accumulation,
    accumulations,
    worse_than,
)
from bnparity.judging.probes import Point
from planted.catalogue import planted

Total = Callable[[Any], Any]


def measured(
    backend: Callable[..., Any],
    *,
    seed: int = 0,
    ranks: Sequence[int] = (2, 3, 4, 5),
    **options: Any,
) -> dict[str, Accumulation]:
    """Return how the sums behind the outputs of a backend of torch's dialect are taken."""
    asked = {"dtypes": ("float32",), "deadline": math.inf, **options}
    dialect = declaration("torch").dialect
    return accumulations(in_process(backend), dialect=dialect, ranks=ranks, seed=seed, **asked)


def grades(backend: Callable[..., Any], **options: Any) -> dict[str, str | None]:
    """Return the grade of each output."""
    return {name: found.grade for name, found in measured(backend, **options).items()}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("total", "grade"),
    [
        (summing.wide, "wide"),
        (summing.pairwise, "pairwise"),
        (summing.serial, "serial"),
        (summing.eight_lanes, "serial"),
        (summing.sixteen_lanes, "serial"),
        (summing.half, "half"),
    ],
)
def test_kernel_gets_the_grade_of_its_sums(total: Total, grade: str, seed: int) -> None:
    """Every output, whatever the data."""
    assert grades(summing.kernel(total), seed=seed) == dict.fromkeys(OUTPUT_LIKE, grade)


def test_compensated_sums_are_wide() -> None:
    """Kahan's sums lose nothing that shows, though every number in them is float32."""
    assert grades(summing.kernel(summing.kahan)) == dict.fromkeys(OUTPUT_LIKE, "wide")


def test_welford_updates_of_the_mean_are_serial() -> None:
    """Each of them rounds the mean, and the roundings add up; other sums are not touched by it."""
    found = grades(summing.kernel(summing.wide, summing.running_mean_of_welford))
    assert found["running_mean"] == found["output"] == "serial"
    assert found["grad_bias"] == "wide"


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
def test_every_rank_can_be_graded(rank: int) -> None:
    """A backend may take one rank alone."""
    found = grades(summing.kernel(summing.serial), ranks=(rank,))
    assert found == dict.fromkeys(OUTPUT_LIKE, "serial")


def test_terms_in_half_are_half() -> None:
    """Sums in a wide format do not mend terms rounded to float16."""
    assert grades(planted("arithmetic=float16").make()) == dict.fromkeys(OUTPUT_LIKE, "half")


@pytest.mark.parametrize(
    ("fault", "outputs"),
    [
        ("momentum=old", {"running_mean", "running_var"}),
        ("running_variance=biased", {"running_var"}),
        ("normalizing_variance=unbiased", {"output", "grad_weight"}),
        ("running_update=never", {"running_mean", "running_var"}),
        ("eps_floor=1e-05", {"output"}),
    ],
)
def test_wrong_convention_is_not_put_down_to_sums(fault: str, outputs: set[str]) -> None:
    """Outputs that follow another convention have no grade; the others keep theirs."""
    found = grades(planted(fault).make())
    assert {name for name, grade in found.items() if grade is None} == outputs
    assert set(found.values()) == {None, "wide"}


def test_serial_errors_grow_like_the_root_of_n() -> None:
    """The exponent is that of roundings added up at random."""
    found = measured(summing.kernel(summing.serial))["grad_bias"].exponent
    assert found == pytest.approx(0.5, abs=0.1)


def test_one_pass_loses_the_square_of_the_conditioning() -> None:
    """The growth in mean / standard deviation tells one pass over the data from two."""
    one = measured(planted("variance_algorithm=one_pass").make())["running_var"]
    two = measured(summing.kernel(summing.wide))["running_var"]
    assert one.conditioning_exponent == pytest.approx(2, abs=0.3)
    assert two.conditioning_exponent == pytest.approx(0, abs=0.2)


def test_output_that_never_comes_has_no_grade() -> None:
    """Nothing is told of what is not provided."""

    def forward_only(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"output": summing.kernel(summing.wide)(*args, **kwargs)["output"]}

    assert grades(forward_only) == {"output": "wide"}


def test_gradients_of_zero_have_no_grade() -> None:
    """Their sums are 0 as those of right ones are; that is no sign of how they were summed."""

    def zeros(*args: Any, **settings: Any) -> Any:
        results = summing.kernel(summing.wide)(*args, **settings)
        return {n: 0 * a if n.startswith("grad_") else a for n, a in results.items()}

    found = grades(zeros)
    assert {name for name, grade in found.items() if grade is None} == {
        "grad_input",
        "grad_weight",
        "grad_bias",
    }


def test_fault_leaves_everything_ungraded() -> None:
    """A backend that cannot answer a probe is not asked the next one."""
    asked = []

    def failing(arrays: Any, settings: Any, *_: Any) -> Reply:
        asked.append(arrays["x"].shape)
        return Reply(outputs={}, fault=Fault(kind="error", text="too large"))

    found = accumulations(
        failing,
        dialect=declaration("torch").dialect,
        dtypes=("float32",),
        ranks=(4,),
        deadline=math.inf,
    )
    assert found == {}
    assert len(asked) == 1


@pytest.mark.parametrize("missing", [{"deadline": 0.0}, {"dtypes": ("float64",)}])
def test_without_time_or_float32_nothing_is_asked(missing: dict[str, Any]) -> None:
    """A session's deadline holds, and other formats are not probed."""

    def never(*args: Any, **kwargs: Any) -> dict[str, Any]:
        raise AssertionError

    assert measured(never, **missing) == {}


def points(errors: Sequence[float], scatters: Sequence[float]) -> list[Point]:
    """Return points at the sizes of the probes, and some for the conditioning."""
    by_size = [
        Point(n=n, conditioning=0, error=e, scatter=s)
        for n, e, s in zip(SIZES, errors, scatters, strict=True)
    ]
    conditioned = [Point(n=4096, conditioning=c, error=1, scatter=0) for c in (1, 10, 100)]
    return [*by_size, *conditioned]


def test_one_tie_does_not_make_a_wide_sum_pairwise() -> None:
    """A single scatter among zeros is a rounding that met a tie."""
    assert accumulation(points([0.4] * 6, [0, 0, 0, 0.6, 0, 0])).grade == "wide"


def test_errors_beyond_every_order_have_no_grade() -> None:
    """What no summation explains, and no half format either, is not graded."""
    assert accumulation(points([1, 1, 1, 1, 1, 1e7], [1] * 6)).grade is None


def test_not_finite_errors_are_plain_json() -> None:
    """A sum that overflows leaves null in the results, not NaN."""
    found = accumulation(points([5000, 5000, math.inf, math.inf, math.nan, math.nan], [0] * 6))
    assert found.grade == "half"
    assert found.exponent is None
    assert found.to_json()["points"][2]["error"] is None


@pytest.mark.parametrize(
    ("declared", "grade", "worse"),
    [
        ("wide", "pairwise", True),
        ("pairwise", "pairwise", False),
        ("serial", "wide", False),
        ("serial", "half", True),
        ("wide", None, False),
        (None, "half", False),
    ],
)
def test_promise_is_broken_by_a_worse_grade(declared: Any, grade: Any, worse: bool) -> None:
    """Better than promised is no fault, and neither is what could not be told."""
    found = Accumulation(grade=grade, exponent=0.0, conditioning_exponent=0.0, points=())
    assert bool(worse_than(declared, {"output": found})) is worse


def test_every_grade_but_half_can_be_promised() -> None:
    """The choices of the attribute are the grades, in their order."""
    assert (*ACCUMULATIONS, "half") == GRADES


def test_numpy_kernel_keeps_what_its_docstring_says() -> None:
    """Its sums are taken in float64."""
    from bnparity.kernels.numpy_kernel import batch_norm

    assert grades(batch_norm) == dict.fromkeys(OUTPUT_LIKE, "wide")
    assert np.isfinite(measured(batch_norm)["output"].points[-1].error)
