"""Who is given gradients by running statistics: those that say they take them, and nobody else."""

from typing import Any

import numpy as np
import pytest
import torch
from bnparity.backends import UsageError, opened_here
from bnparity.backends.call import Settings, call
from bnparity.backends.optional import takes_statistics_gradients
from bnparity.cases.case import Case
from bnparity.cases.inputs import make_inputs
from through import through


def plain(x: Any, *args: Any, training: Any, momentum: Any, eps: Any, grad_output: Any) -> Any:
    """Return the data; there are no such gradients."""
    return {"output": x}


def said(value: Any) -> Any:
    """Return a function that says whether it takes them."""

    def batch_norm(*arrays: Any, **settings: Any) -> dict[str, Any]:
        names = {"grad_running_mean", "grad_running_var"} & settings.keys()
        return {"output": np.full_like(arrays[0], len(names))}

    batch_norm.__dict__["statistics_gradients"] = value
    return batch_norm


@pytest.mark.parametrize(
    ("backend", "taken"),
    [(plain, False), (through(), True), (said(True), True), (said(False), False)],
)
def test_signature_or_attribute_says_it(backend: Any, taken: bool) -> None:
    """What is opened tells it on, and who takes none is not asked."""
    assert opened_here(backend).capabilities.statistics_gradients is taken
    inputs = make_inputs(Case(shape=(3, 2), statistics_gradients=True))
    reply = call(backend, vars(inputs), Settings(training=True, momentum=0.1, eps=1e-5))
    if taken:
        assert reply.fault is None
    else:
        assert reply.fault is not None
        assert reply.fault.text == "it takes no gradients by running statistics"


@pytest.mark.parametrize(("flag", "given"), [(True, 2), (False, 0)])
def test_both_are_given_or_neither(flag: bool, given: int) -> None:
    """Without them there are no such keywords."""
    inputs = make_inputs(Case(shape=(3, 2), statistics_gradients=flag))
    reply = call(said(True), vars(inputs), Settings(training=True, momentum=0.1, eps=1e-5))
    assert (reply.outputs["output"] == given).all()


def test_other_value_of_the_attribute_is_refused() -> None:
    """The message has those that it may be."""
    with pytest.raises(UsageError, match="statistics_gradients is 'yes': give True or False"):
        takes_statistics_gradients(said("yes"))


def test_layer_that_updates_without_a_gradient_cannot_say_that_it_takes_them() -> None:
    """The adapter would give it none, and what it stops would be a matter of the adapter's."""

    class Layer(torch.nn.BatchNorm1d):
        statistics_gradients = True

    target: Any = Layer
    with pytest.raises(UsageError, match="a torch-module is given none, only jax-function, flax"):
        opened_here(target)
