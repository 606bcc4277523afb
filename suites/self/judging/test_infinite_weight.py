"""An infinite weight: the sign of what it multiplies may be lost, and then nothing is promised."""

import numpy as np
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
