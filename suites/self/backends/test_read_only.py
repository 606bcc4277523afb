"""Arguments cannot be written to, unless a backend says that it takes no such arrays."""

from typing import Any

import numpy as np
from bnparity.backends.call import Reply, Settings, call
from bnparity.cases.case import Case
from bnparity.cases.inputs import make_inputs

SETTINGS = Settings(training=True, momentum=0.1, eps=1e-5)


def reply_of(backend: Any) -> Reply:
    """Return the reply of a backend to a small case."""
    return call(backend, vars(make_inputs(Case())), SETTINGS)


def writable(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return ones where the data can be written to, else zeros."""
    return {"output": np.full_like(x, x.flags.writeable)}


def test_arguments_are_read_only() -> None:
    """All of them, in every call."""
    assert not reply_of(writable).outputs["output"].any()


def test_backend_that_takes_no_read_only_arrays_gets_others() -> None:
    """Its attribute says so."""

    def asking(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return writable(*args, **kwargs)

    asking.__dict__["read_only"] = False
    assert reply_of(asking).outputs["output"].all()


def test_backend_that_refuses_read_only_arrays_is_told_what_to_say() -> None:
    """The error is its own, with the remedy."""

    def refusing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if not x.flags.writeable:
            raise ValueError("buffer source array is read-only")
        return {"output": x.copy()}

    fault = reply_of(refusing).fault
    assert fault is not None
    assert fault.kind == "error"
    assert fault.text.startswith("ValueError: buffer source array is read-only")
    assert "batch_norm.read_only = False" in fault.text


def test_backend_that_writes_to_its_arguments_is_told_to_which() -> None:
    """NumPy's refusal is not the news."""

    def writing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        x *= 2
        return {"output": x.copy()}

    fault = reply_of(writing).fault
    assert fault is not None
    assert (fault.kind, fault.text) == ("mutation", "the call wrote to its input x")
