"""Momentum, there and back, for every float in [0, 1]."""

from typing import Any

import numpy as np
import pytest
from bnparity.judging.verdicts import judge
from bnparity.porting.translation.rules import complement, nearest
from bnparity_reference import Dialect, batch_norm
from hypothesis import assume, example, given
from hypothesis import strategies as st

unit_interval = st.one_of(
    st.floats(0.0, 1.0),
    st.floats(0.0, 2.0**-1021),
    st.floats(0.5, 1.0),
    st.integers(0, 2**53).map(lambda bits: bits * 2.0**-53),
)


@given(momentum=unit_interval)
@example(momentum=0.0)
@example(momentum=1.0)
@example(momentum=5e-324)
@example(momentum=2.0**-53)
@example(momentum=2.0**-54)
@example(momentum=0.30000000000000004)
@example(momentum=0.9999999999999999)
def test_what_is_translated_comes_back_as_it_was(momentum: float) -> None:
    """The complement of a complement is the float one started from."""
    translated = complement(momentum)
    assume(translated is not None)
    assert translated is not None
    assert 0 <= translated <= 1
    assert complement(translated) == momentum


@given(momentum=st.floats(0.5, 1.0))
@example(momentum=0.9999999999999999)
@example(momentum=0.5000000000000001)
def test_from_a_half_up_every_float_is_translated(momentum: float) -> None:
    """Above a half there are fewer floats than below, and each has its own complement."""
    assert complement(momentum) is not None


@given(momentum=st.floats(0.0, 0.5))
@example(momentum=1e-17)
@example(momentum=5e-324)
@example(momentum=1 / 7)
def test_what_is_refused_shares_its_complement_with_another(momentum: float) -> None:
    """A refused float would come back as some other, which has the same complement."""
    assume(complement(momentum) is None)
    shared = nearest(nearest(momentum))
    assert shared != momentum
    assert nearest(shared) == nearest(momentum)


@given(digits=st.integers(1, 15), data=st.data())
def test_decimals_become_the_decimals_that_a_person_writes(
    digits: int, data: st.DataObject
) -> None:
    """0.2 becomes 0.8 and 0.9 becomes 0.1, for any number of up to 15 decimals."""
    one = 10**digits
    part = data.draw(st.integers(0, one))
    assert complement(part / one) == (one - part) / one


@given(momentum=unit_interval)
def test_what_mindspore_computes_from_it_is_near(momentum: float) -> None:
    """MindSpore takes its momentum from 1.0 again: what its kernel gets is within 2 ** -53."""
    translated = complement(momentum)
    assume(translated is not None)
    assert translated is not None
    assert abs((1.0 - translated) - momentum) <= 2.0**-53


@given(momentum=unit_interval, scale=st.sampled_from([1e-6, 1.0, 1e6]))
@example(momentum=0.2, scale=1.0)
@example(momentum=1e-12, scale=1e6)
def test_its_last_bit_is_within_the_bound(momentum: float, scale: float) -> None:
    """Running statistics with the share that MindSpore's kernel gets pass as those of torch."""
    translated = complement(momentum)
    assume(translated is not None)
    assert translated is not None
    x = scale * np.random.default_rng(0).standard_normal((6, 3))
    old = {"running_mean": np.array([0.0, -scale, 1.0]), "running_var": np.array([0.0, 1.0, scale])}
    common: dict[str, Any] = {**old, "dialect": Dialect(), "training": True, "eps": 1e-5}
    exact = batch_norm(x, momentum=momentum, **common)
    near = batch_norm(x, momentum=1.0 - translated, **common)
    outputs = {name: getattr(near, name).astype(np.float32) for name in old}
    assert [c.verdict for c in judge(outputs, exact, dialect=Dialect())] == ["pass", "pass"]


@pytest.mark.parametrize(("momentum", "becomes"), [(0.1, 0.9), (0.2, 0.8), (0.01, 0.99), (1, 0)])
def test_no_rounding_shows(momentum: float, becomes: float) -> None:
    """The documented pairs are translated both ways, where floats would say 0.0999...98."""
    assert (complement(momentum), complement(becomes)) == (becomes, momentum)
