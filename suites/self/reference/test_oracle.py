"""The oracle, against its definition in exact arithmetic and against automatic differentiation."""

from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from bnparity.cases.case import Case, Recipe
from bnparity.cases.inputs import make_inputs
from bnparity.judging.due import expected
from bnparity.judging.verdicts import judge
from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect, batch_norm

TORCH = Dialect()

GRADIENT_CASES = [
    Case(
        shape=shape,
        dtype="float64",
        param_dtype="float64",
        training=training,
        tracked=tracked,
        eps=1e-3,
        recipe=Recipe(seed=7, conditioning=1, scale=-1),
    )
    for shape in ((5, 3), (4, 2, 3), (2, 3, 4, 2))
    for training, tracked in ((True, True), (False, True), (False, False))
]


def exact_output(row: list[float], eps: float) -> list[float]:
    """Return one normalised channel from its definition, in rational arithmetic."""
    values = [Fraction(x) for x in row]
    mean = sum(values, Fraction(0)) / len(values)
    var = sum(((x - mean) ** 2 for x in values), Fraction(0)) / len(values) + Fraction(eps)
    with localcontext() as context:
        context.prec = 60
        scale = (Decimal(var.numerator) / Decimal(var.denominator)).sqrt()
        centred = [x - mean for x in values]
        return [float(Decimal(d.numerator) / Decimal(d.denominator) / scale) for d in centred]


@pytest.mark.parametrize("location", [0.0, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("n", [2, 3, 17, 200])
def test_output_is_the_definition_in_exact_arithmetic(location: float, n: int) -> None:
    """However far the data lie from zero, the output is right to the last places of float64."""
    row = location + np.random.default_rng(n).standard_normal(n)
    got = batch_norm(row[:, None], dialect=TORCH, training=True, momentum=0.1, eps=1e-5).output
    want = np.array(exact_output(row.tolist(), 1e-5))
    # The centred data are exact up to one rounding of the mean, eps and the root add a few more.
    assert np.all(np.abs(got[:, 0] - want) <= 8 * np.spacing(np.maximum(np.abs(want), 0.25)))


def differentiated(case: Case, dialect: Dialect) -> dict[str, Any]:
    """Return output and gradients by torch's automatic differentiation of the definition."""
    arrays: dict[str, Any] = {k: torch.tensor(a) for k, a in _given(case).items()}
    x, weight, bias = (arrays[k].requires_grad_() for k in ("x", "weight", "bias"))
    axes = (0, *range(2, x.ndim))
    shape = (1, -1) + (1,) * (x.ndim - 2)
    source = dialect.train_statistics if case.training else dialect.eval_statistics
    if source == "batch" or not case.tracked:
        mean = x.mean(axes)
        var = x.var(axes, unbiased=dialect.normalizing_variance == "unbiased")
        if dialect.grad_statistics == "constant":
            mean, var = mean.detach(), var.detach()
    else:
        mean, var = arrays["running_mean"], arrays["running_var"]
    eps = max(case.eps, dialect.eps_floor)
    scale = (var + eps).sqrt() if dialect.eps_placement == "inside" else var.sqrt() + eps
    y = (x - mean.reshape(shape)) / scale.reshape(shape)
    y = y if dialect.weight == "ignored" else y * weight.reshape(shape)
    y = y if dialect.bias == "ignored" else y + bias.reshape(shape)
    y.backward(arrays["grad_output"])
    return {"output": y.detach().numpy(), "grad_input": x.grad.numpy()}


def _given(case: Case) -> dict[str, Any]:
    return {name: array for name, array in vars(make_inputs(case)).items() if array is not None}


@pytest.mark.parametrize("case", GRADIENT_CASES, ids=lambda c: f"{c.shape}{c.training}{c.tracked}")
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"normalizing_variance": "unbiased"},
        {"eps_placement": "outside"},
        {"eps_floor": 0.1},
        {"weight": "ignored"},
        {"bias": "ignored"},
        {"train_statistics": "running"},
        {"eval_statistics": "batch"},
        {"grad_statistics": "constant"},
        {"normalizing_variance": "unbiased", "eps_placement": "outside"},
    ],
    ids=str,
)
def test_gradient_is_that_of_automatic_differentiation(case: Case, change: dict[str, Any]) -> None:
    """In every dialect the gradient by the data is the derivative of that dialect's output."""
    dialect = replace(TORCH, **change)
    exact = expected(case, make_inputs(case), dialect)
    outputs = differentiated(case, dialect)
    checks = judge(outputs, exact, dialect=dialect, dtype="float64")
    assert [c.verdict for c in checks] == ["pass", "pass"], checks


def running(share: float | None, *, training: bool = True, **change: Any) -> tuple[float, float]:
    """Return the running statistics of 3, 5 (mean 4, M2 2), after 10 and 20."""
    exact = batch_norm(
        np.array([[3.0], [5.0]]),
        running_mean=np.array([10.0]),
        running_var=np.array([20.0]),
        dialect=replace(TORCH, **change),
        training=training,
        momentum=share,
        eps=1e-5,
    )
    assert exact.running_mean is not None
    assert exact.running_var is not None
    return float(exact.running_mean[0]), float(exact.running_var[0])


@pytest.mark.parametrize(
    ("momentum", "change", "want"),
    [
        (0.25, {}, (8.5, 15.5)),
        (0.25, {"momentum": "old"}, (5.5, 6.5)),
        (0.25, {"running_variance": "biased"}, (8.5, 15.25)),
        (0.25, {"running_update": "never"}, (10.0, 20.0)),
        (0.0, {}, (10.0, 20.0)),
        (1.0, {}, (4.0, 2.0)),
        (None, {}, (4.0, 2.0)),
    ],
)
def test_running_statistics_follow_each_convention(
    momentum: float | None, change: dict[str, Any], want: tuple[float, float]
) -> None:
    """Direction of momentum, estimator and update are what the dialect says."""
    assert running(momentum, **change) == want


def test_momentum_none_averages_over_all_batches() -> None:
    """The fourth batch has a quarter of the say."""
    exact = batch_norm(
        np.array([[3.0], [5.0]]),
        running_mean=np.array([10.0]),
        running_var=np.array([20.0]),
        dialect=TORCH,
        training=True,
        momentum=None,
        eps=1e-5,
        batches_tracked=3,
    )
    assert exact.running_mean is not None
    assert exact.running_mean.tolist() == [8.5]


def test_momentum_none_is_refused_where_the_dialect_refuses_it() -> None:
    """A dialect without a cumulative average has no answer."""
    with pytest.raises(ValueError, match="momentum=None"):
        running(None, momentum_none="refused")


def test_inference_leaves_running_statistics_to_the_bit() -> None:
    """Not even the rounding of (1 - 0) * old happens."""
    assert running(0.3, training=False) == (10.0, 20.0)


def test_channels_last_is_channels_first_transposed() -> None:
    """The oracle takes the channels on any axis."""
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    g = np.random.default_rng(1).standard_normal((2, 3, 4, 5))
    call: dict[str, Any] = {"dialect": TORCH, "training": True, "momentum": 0.1, "eps": 1e-5}
    first = batch_norm(x, grad_output=g, **call)
    last = batch_norm(
        np.moveaxis(x, 1, -1), grad_output=np.moveaxis(g, 1, -1), channel_axis=-1, **call
    )
    assert np.array_equal(np.moveaxis(last.output, -1, 1), first.output)
    assert first.grad_input is not None
    assert last.grad_input is not None
    assert np.array_equal(np.moveaxis(last.grad_input, -1, 1), first.grad_input)


@pytest.mark.parametrize("layout", ["channels_last", "sliced", "transposed", "reversed"])
def test_layout_in_memory_changes_no_bit(layout: Any) -> None:
    """The oracle's rounding does not depend on the strides of its arguments."""
    case = Case(shape=(5, 3, 8, 96), dtype="float64", param_dtype="float64")
    plain = expected(case, make_inputs(case), TORCH)
    laid = expected(case, make_inputs(replace(case, layout=layout)), TORCH)
    for name in OUTPUTS:
        assert np.array_equal(getattr(plain, name), getattr(laid, name)), name


def test_both_passes_have_one_record_where_they_normalise_by_the_same() -> None:
    """The bounds look at it once then."""
    case = Case(shape=(5, 2), training=False)
    same, other = (
        expected(case, make_inputs(case), replace(TORCH, grad_statistics=rule))
        for rule in ("differentiated", "batch")
    )
    assert same.backward is not None
    assert same.backward.forward is same.forward
    assert other.backward is not None
    assert other.backward.forward.source == "batch"


def test_single_value_has_no_unbiased_variance() -> None:
    """0 / 0 is NaN, and only in the running variance."""
    exact = batch_norm(
        np.array([[3.0]]),
        running_mean=np.zeros(1),
        running_var=np.ones(1),
        dialect=TORCH,
        training=True,
        momentum=0.1,
        eps=1e-5,
    )
    assert exact.output.tolist() == [[0.0]]
    assert np.isnan(exact.running_var).all()  # type: ignore[arg-type]


def test_empty_batch_leaves_statistics_or_makes_them_nan() -> None:
    """The dialect says which."""
    for convention, unchanged in (("unchanged", True), ("computed", False)):
        exact = batch_norm(
            np.zeros((0, 2)),
            running_mean=np.ones(2),
            running_var=np.ones(2),
            dialect=replace(TORCH, empty_batch=convention),  # type: ignore[arg-type]
            training=True,
            momentum=0.1,
            eps=1e-5,
        )
        assert exact.running_mean is not None
        assert np.array_equal(exact.running_mean, np.ones(2)) is unchanged


def test_every_convention_names_a_field_and_its_default() -> None:
    """The table of values that diagnosis searches has no stray names and lacks no default."""
    for field, values in CONVENTIONS.items():
        assert getattr(TORCH, field) in values
