"""Who is given a mask: those that say they take one, and nobody else."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends import Reply, UsageError, opened_here
from bnparity.backends.call import Settings, call
from bnparity.backends.masks import mask_taken_by
from bnparity.cases.case import Case, Mask
from bnparity.cases.inputs import make_inputs
from numpy.typing import NDArray

Given = NDArray[Any] | None


def plain(x: Any, *args: Any, training: Any, momentum: Any, eps: Any, grad_output: Any) -> Any:
    """Return the data; there is no mask."""
    return {"output": x}


def masking(x: Any, *args: Any, mask: Given = None, **settings: Any) -> dict[str, Any]:
    """Return 1 for a mask, 2 for one that can be written to, 0 for none."""
    return {"output": np.full_like(x, 0 if mask is None else 1 + mask.flags.writeable)}


def said(value: Any) -> Any:
    """Return a function that says which masks it takes."""

    def batch_norm(*arrays: Any, **settings: Any) -> dict[str, Any]:
        return masking(*arrays, **settings)

    batch_norm.__dict__["takes_mask"] = value
    return batch_norm


def reply(backend: Any, mask: Mask) -> Reply:
    """Return the reply to a small case."""
    settings = Settings(training=True, momentum=0.1, eps=1e-5)
    return call(backend, vars(make_inputs(Case(shape=(3, 2), mask=mask))), settings)


@pytest.mark.parametrize(
    ("backend", "taken"),
    [
        (plain, ""),
        (masking, "elements"),
        (said(True), "elements"),
        (said(False), ""),
        (said("positions"), "positions"),
    ],
)
def test_signature_or_attribute_says_what_is_taken(backend: Any, taken: str) -> None:
    """The attribute has the last word, and what is opened tells it on."""
    assert mask_taken_by(backend) == taken
    assert opened_here(backend).capabilities.takes_mask == taken


def test_typo_is_told_with_what_may_be_said() -> None:
    """The message is one line."""
    with pytest.raises(UsageError, match="'postions': give True, False or 'positions'"):
        mask_taken_by(said("postions"))


@pytest.mark.parametrize(
    ("backend", "mask", "reason"),
    [
        (plain, "positions", "it takes no mask"),
        (said("positions"), "elements", "it takes one mask for all channels"),
    ],
)
def test_who_takes_none_is_not_asked(backend: Any, mask: Mask, reason: str) -> None:
    """It is unsupported, not an error of the backend's."""
    fault = reply(backend, mask).fault
    assert fault is not None
    assert (fault.kind, fault.text) == ("unsupported", reason)


@pytest.mark.parametrize(("mask", "seen"), [("none", 0), ("positions", 1), ("elements", 1)])
def test_mask_arrives_read_only(mask: Mask, seen: int) -> None:
    """As the other arguments; without one there is no such keyword."""
    assert (reply(masking, mask).outputs["output"] == seen).all()
    assert reply(plain, "none").fault is None
