"""Gradients by running statistics in what is recorded."""

from typing import Any

import bnparity
import numpy as np
import pytest
from bnparity.backends import UsageError
from through import THROUGH, through

X = np.random.default_rng(0).standard_normal((6, 3, 2)).astype("f4")
STATE = {
    "weight": np.ones(3, "f4"),
    "bias": np.zeros(3, "f4"),
    "running_mean": np.zeros(3, "f4"),
    "running_var": np.ones(3, "f4"),
}
SLOPES = {name: np.arange(1, 4, dtype="f4") for name in ("grad_running_mean", "grad_running_var")}
SETTINGS: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}


def test_arrays_at_hand_are_judged_with_them() -> None:
    """Under a dialect that lets them through a right function passes, and fails without them."""
    given: dict[str, Any] = {"grad_output": X, **SLOPES}
    outputs = through()(X, *STATE.values(), **SETTINGS, **given)
    inputs = {"x": X, **STATE, "grad_output": X}
    assert bnparity.judge(outputs, inputs | SLOPES, **SETTINGS, dialect=THROUGH).status == "pass"
    without = bnparity.judge(outputs, inputs, **SETTINGS, dialect=THROUGH)
    assert {finding.output for finding in without.findings} == {"grad_input"}


def test_one_alone_is_refused() -> None:
    """The message names both."""
    told = "one of grad_running_mean and grad_running_var is missing: record both"
    with pytest.raises(UsageError, match=told):
        bnparity.judge(
            {"output": X}, {"x": X, "grad_running_mean": SLOPES["grad_running_mean"]}, **SETTINGS
        )
