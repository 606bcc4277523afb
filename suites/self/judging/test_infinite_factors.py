"""An infinite factor: the sign of what it multiplies may be lost, and then nothing is promised."""

import numpy as np
import pytest
from bnparity.backends.formats import format_of
from bnparity.judging.bounds import error_bounds
from bnparity_reference import Dialect, batch_norm


def test_sign_is_promised_where_it_is_known() -> None:
    """Of a value at the mean infinity may have either sign; of one far from it, one."""
    x = np.array([[-1.0], [1.0], [1e-7], [-1e-7]]) + 1e3
    exact = batch_norm(
        x,
        np.array([np.inf]),
        dialect=Dialect(),
        training=True,
        momentum=0.1,
        eps=1e-5,
    )
    bound = error_bounds(exact, dialect=Dialect(), arithmetic=format_of("float32"))["output"]
    assert bound is not None
    assert np.isnan(bound[:2]).all()
    assert np.isposinf(bound[2:]).all()


@pytest.mark.parametrize(("infinite", "promised"), [(0, True), (1, True), (2, False), (3, False)])
def test_sign_of_an_infinite_gradient_is_that_of_its_value(infinite: int, promised: bool) -> None:
    """An infinite gradient at the mean makes the weight's of either sign."""
    grad = np.ones((4, 1))
    grad[infinite] = np.inf
    exact = batch_norm(
        np.array([[-1.0], [1.0], [1e-7], [-1e-7]]) + 1e3,
        np.ones(1),
        dialect=Dialect(),
        training=True,
        momentum=0.1,
        eps=1e-5,
        grad_output=grad,
    )
    bound = error_bounds(exact, dialect=Dialect(), arithmetic=format_of("float32"))["grad_weight"]
    assert bound is not None
    assert np.isnan(bound).all() == promised
    assert np.isposinf(bound).all() != promised


@pytest.mark.parametrize(("momentum", "promised"), [(1.0, False), (0.5, True)])
def test_old_statistics_without_a_share_may_be_left_out(momentum: float, promised: bool) -> None:
    """Infinity times 0 is NaN in the statistics that normalise, and leaving it out is as right."""
    dialect = Dialect(train_statistics="updated")
    exact = batch_norm(
        np.array([[-1.0], [1.0]]),
        running_mean=np.array([np.inf]),
        running_var=np.ones(1),
        dialect=dialect,
        training=True,
        momentum=momentum,
        eps=1e-5,
        grad_output=np.array([[1.0], [2.0]]),
    )
    limits = error_bounds(exact, dialect=dialect, arithmetic=format_of("float32"))
    for name in ("output", "grad_input", "grad_weight"):
        limit = limits[name]
        assert limit is not None
        assert np.isposinf(limit).all() != promised
