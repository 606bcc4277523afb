"""The judge, on elements made to be judged."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.formats import FORMATS, format_of
from bnparity.judging.bounds import error_bounds
from bnparity.judging.verdicts import TIGHT, UNBOUNDED, arithmetic_of, check, judge
from bnparity_reference import OUTPUTS, Dialect, batch_norm

ONE = np.array([1.0])
SINGLE = format_of("float32")


def ratio(
    got: float, expected: float = 1.0, bound: float = 2.0**-20, dtype: Any = "float32"
) -> float:
    """Return the ratio of one element."""
    array = np.array([got]).astype(format_of(dtype).dtype)
    return check("output", array, np.array([expected]), np.array([bound]), SINGLE).ratio


def test_ratio_is_error_over_bound() -> None:
    """An error of three bounds has the ratio 3."""
    assert ratio(1.0 + 3 * 2.0**-20) == 3.0


@pytest.mark.parametrize(("got", "expected"), [(np.nan, np.nan), (np.inf, np.inf), (-0.0, 0.0)])
def test_same_values_have_no_error(got: float, expected: float) -> None:
    """NaN is right where NaN is due, and infinity where it is."""
    assert ratio(got, expected) == 0.0


@pytest.mark.parametrize(
    ("got", "expected"),
    [(np.nan, 1.0), (np.inf, 1.0), (-np.inf, np.inf), (1.0, np.nan), (1.0, np.inf)],
)
def test_wrong_infinities_and_nan_are_without_bound(got: float, expected: float) -> None:
    """No error is larger than a NaN for a number, or a number for a NaN."""
    assert ratio(got, expected) == UNBOUNDED


def test_overflow_of_storage_is_infinity() -> None:
    """A half that cannot hold the result holds infinity, of its sign; a number is wrong."""
    assert ratio(np.inf, 1e6, dtype="float16") == 0.0
    assert ratio(65504.0, 1e6, dtype="float16") > TIGHT


@pytest.mark.parametrize(
    ("exact", "infinite"), [(65519.0, False), (65520.5, True), (65535.0, True)]
)
def test_overflow_begins_where_rounding_does(exact: float, infinite: bool) -> None:
    """Rounded to the nearest, halves end at 65520: midway between 65504 and what comes next."""
    assert (ratio(np.inf, exact, dtype="float16", bound=1e-6) == 0.0) is infinite


@pytest.mark.parametrize(
    ("got", "exact", "allowed"),
    [(np.inf, 0.0, True), (-np.inf, 1.0, True), (-np.inf, 1e5, False), (np.inf, -1e5, False)],
)
def test_overflow_is_allowed_where_the_bound_reaches(
    got: float, exact: float, *, allowed: bool
) -> None:
    """Of an exact 0, a bound away from the largest half, either infinity is accurate."""
    found = ratio(got, exact, dtype="float16", bound=2e4)
    assert (found == 0.0) is allowed


def test_rounding_to_a_half_is_deducted() -> None:
    """The nearest half is right, its neighbour is not."""
    exact = 1.0 + 2.0**-12
    assert ratio(1.0, exact, dtype="float16") == 0.0
    assert ratio(1.0 + 2.0**-9, exact, dtype="float16") > TIGHT


def test_rounding_is_half_a_place_all_through_a_binade() -> None:
    """At 1.999 the neighbours of a half lie as close as at 1: the second nearest is wrong."""
    assert ratio(2.0 - 2.0**-10, 1.999, dtype="float16", bound=1e-9) == 0.0
    assert ratio(2.0 - 2.0**-9, 1.999, dtype="float16", bound=1e-9) > TIGHT


def test_narrow_parameters_of_wide_data_are_rounded_once() -> None:
    """float64 data may have float32 statistics: their storage is not the arithmetic's."""
    exact = np.array([1.0 + 2.0**-30])
    got = exact.astype(np.float32)
    found = check("running_mean", got, exact, np.array([1e-15]), format_of("float64"))
    assert found.ratio == 0.0


def test_what_must_not_move_must_not_move() -> None:
    """Where the bound is 0, only the same value passes."""
    assert ratio(1.0, bound=0.0) == 0.0
    assert ratio(1.0 + 2.0**-23, bound=0.0) == UNBOUNDED


def test_check_points_at_the_worst_element() -> None:
    """Index, got, expected and bound are those of the element that decided."""
    got = np.array([[1.0, 2.0], [3.5, 4.0]], dtype=np.float32)
    expected = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = check("output", got, expected, np.full((2, 2), 0.25), SINGLE)
    assert (found.index, found.got, found.expected, found.ratio) == ((1, 0), 3.5, 3.0, 2.0)


def judged(shift: float, n: int = 1000) -> str:
    """Return the verdict on a grad_bias that is off by `shift` units of its terms' sum."""
    rng = np.random.default_rng(0)
    g = rng.standard_normal((n, 1))
    exact = batch_norm(g, dialect=Dialect(), training=True, momentum=0.1, eps=1e-5, grad_output=g)
    assert exact.grad_bias is not None
    off = exact.grad_bias + shift * 2.0**-24 * np.abs(g).sum()
    (found,) = judge({"grad_bias": off.astype(np.float32)}, exact, dialect=Dialect())
    return found.verdict


@pytest.mark.parametrize(("shift", "want"), [(1, "pass"), (100, "loose"), (20_000, "fail")])
def test_between_tight_and_gate_a_result_is_loose(shift: float, want: str) -> None:
    """A serial sum of a thousand terms may lose hundreds of units, not twenty thousand."""
    assert judged(shift) == want


@pytest.mark.parametrize(("share", "want"), [(0.99, "loose"), (1.01, "fail")])
def test_gate_is_the_tight_line_and_one_any_order_bound(share: float, want: str) -> None:
    """Summation in some order has its bound once, not as often as roundings have theirs."""
    g = np.random.default_rng(0).standard_normal((8, 1))
    exact = batch_norm(g, dialect=Dialect(), training=True, momentum=0.1, eps=1e-5, grad_output=g)
    tight, any_order = (
        error_bounds(exact, dialect=Dialect(), arithmetic=SINGLE, growth=growth)["grad_bias"]
        for growth in (1, None)
    )
    assert exact.grad_bias is not None
    assert tight is not None
    assert any_order is not None
    off = exact.grad_bias + share * ((TIGHT - 1) * tight + any_order)
    # In float64, of which nothing is rounded on the way to the judge.
    (found,) = judge({"grad_bias": off}, exact, dialect=Dialect())
    assert found.verdict == want


def nonfinite_channels(value: float, *, training: bool) -> dict[str, Any]:
    """Return torch's words for two channels of which the first has `value` among its data."""
    x = np.random.default_rng(5).standard_normal((7, 2)).astype(np.float32)
    x[3, 0] = value
    exact = batch_norm(
        x.astype(np.float64),
        running_mean=np.zeros(2),
        running_var=np.ones(2),
        dialect=Dialect(),
        training=training,
        momentum=0.1,
        eps=1e-5,
        grad_output=np.ones((7, 2)) * np.arange(7.0)[:, None],
    )
    outputs = {name: getattr(exact, name).astype(np.float32) for name in OUTPUTS}
    return {"outputs": outputs, "exact": exact, "dialect": Dialect()}


def verdicts(asked: dict[str, Any]) -> set[str]:
    """Return the outputs that fail."""
    return {found.output for found in judge(**asked) if found.verdict == "fail"}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("training", [True, False])
def test_poison_in_one_channel_stays_there(value: float, training: bool) -> None:
    """A NaN or an infinity that shows in another channel fails, whichever output it leaks to."""
    asked = nonfinite_channels(value, training=training)
    assert verdicts(asked) == set()
    for name in OUTPUTS:
        leaked = asked["outputs"][name].copy()
        leaked[..., 1] = np.nan
        assert verdicts({**asked, "outputs": {**asked["outputs"], name: leaked}}) == {name}


@pytest.mark.parametrize("name", ["output", "running_var", "grad_input", "grad_weight"])
def test_poison_must_not_be_hidden(name: str) -> None:
    """A number where the arguments allow only NaN is made up."""
    asked = nonfinite_channels(np.nan, training=True)
    healed = {**asked["outputs"], name: np.nan_to_num(asked["outputs"][name])}
    assert verdicts({**asked, "outputs": healed}) == {name}


def test_any_kind_of_nan_or_infinity_will_do_for_poison() -> None:
    """Which of them a formula gives depends on the order of its operations."""
    asked = nonfinite_channels(np.inf, training=True)
    assert np.isposinf(asked["exact"].running_mean[0])
    other = asked["outputs"]["running_mean"].copy()
    other[0] = np.nan
    assert verdicts({**asked, "outputs": {"running_mean": other}}) == set()
    other[0] = -np.inf
    assert verdicts({**asked, "outputs": {"running_mean": other}}) == {"running_mean"}


def test_flush_to_zero_is_allowed_and_nothing_else() -> None:
    """Below the smallest normal half, 0 will do; another wrong number will not."""
    assert ratio(0.0, 5e-5, dtype="float16", bound=1e-9) == 0.0
    assert ratio(1e-5, 5e-5, dtype="float16", bound=1e-9) > TIGHT
    assert ratio(0.0, 7e-5, dtype="float16", bound=1e-9) > TIGHT


def test_output_of_which_nothing_is_promised_is_not_judged() -> None:
    """Where every sum overflows, a check could not fail, so there is none."""
    x = np.full((4, 1), 3e38)
    exact = batch_norm(x, dialect=Dialect(), training=True, momentum=0.1, eps=1e-5)
    assert judge({"output": np.full((4, 1), 7, np.float32)}, exact, dialect=Dialect()) == ()


def test_output_that_is_not_there_is_not_judged() -> None:
    """A missing output has no check, so it cannot pass."""
    exact = batch_norm(ONE[:, None], dialect=Dialect(), training=False, momentum=0.1, eps=1e-5)
    assert judge({}, exact, dialect=Dialect()) == ()


@pytest.mark.parametrize("name", FORMATS)
def test_arithmetic_of_the_data_is_in_their_format(name: str) -> None:
    """Half data are then computed in halves, and nothing else in anything narrower than before."""
    assert arithmetic_of(Dialect(arithmetic="data"), format_of(name)).name == name


@pytest.mark.parametrize(("name", "verdict"), [("float32", "fail"), ("bfloat16", "pass")])
def test_arithmetic_of_the_data_excuses_no_wider_ones(name: str, verdict: str) -> None:
    """Running statistics that are to stay may pass through a narrow format, and no other."""
    x, kept = np.ones((2, 1)), np.array([1.0])
    dialect = Dialect(arithmetic="data")
    exact = batch_norm(
        x, None, None, kept, kept, dialect=dialect, training=False, momentum=0.1, eps=1.0
    )
    off = (kept + 2.0**-23).astype(np.float32)
    (found,) = judge({"running_mean": off}, exact, dialect=dialect, dtype=name)
    assert found.verdict == verdict
