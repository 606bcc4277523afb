"""Probes put the same sums to every channel, and measure the errors of sums alone."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.dialects import declaration
from bnparity.judging.probes import CHANNELS, arguments, make_probe, measure
from planted.kernel import kernel

TORCH = declaration("torch").dialect


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
def test_every_channel_holds_the_same_pairs(rank: int) -> None:
    """Only their order differs, in every rank."""
    arrays, _ = arguments(make_probe(64, 0.0), rank, TORCH)
    assert arrays["x"].ndim == rank
    pairs = np.moveaxis(np.stack([arrays["x"], arrays["grad_output"]]), 2, 0)
    channels = [sorted(zip(*rows.reshape(2, -1).tolist(), strict=True)) for rows in pairs]
    assert not np.array_equal(pairs[0], pairs[1])
    assert all(channel == channels[0] for channel in channels)


def test_exact_kernel_shows_no_error() -> None:
    """A kernel in float64 is off by the rounding of its result alone, in all channels alike."""
    probe = make_probe(256, 0.0)
    reply = in_process(kernel())(*arguments(probe, 4, TORCH))
    points = measure(probe, reply.outputs, TORCH)
    assert all(point.error < 1 for point in points.values())
    assert all(point.scatter < 1e-3 for point in points.values())


@pytest.mark.parametrize("output", ["output", "running_mean", "running_var", "grad_input"])
def test_error_of_one_output_shows_in_it_alone(output: str) -> None:
    """What is measured is what was returned, in units of float32's roundoff."""
    probe = make_probe(64, 0.0)
    reply = in_process(kernel())(*arguments(probe, 4, TORCH))
    wrong: dict[str, Any] = {**reply.outputs, output: reply.outputs[output] + np.float32(2**-10)}
    points = measure(probe, wrong, TORCH)
    assert {name for name, point in points.items() if point.error > 100} == {output}


def test_not_a_number_is_measured_without_a_warning() -> None:
    """The error of what is not a number is none."""
    probe = make_probe(64, 0.0)
    outputs = {"running_mean": np.full(CHANNELS, np.nan, np.float32)}
    assert np.isnan(measure(probe, outputs, TORCH)["running_mean"].error)
