"""A backend is asked nothing once its time is over, whatever it is asked for."""

import time
from typing import Any

import numpy as np
from bnparity.backends import LATE, Settings, opened_here
from bnparity.sessions.ending import GRACE, ending

SETTINGS = Settings(training=True, momentum=0.1, eps=1e-5)


def test_backend_is_not_called_after_its_time() -> None:
    """A while after it: what is at its end may come to it."""
    calls: list[float] = []

    def noted(x: Any, *_: Any, **__: Any) -> dict[str, Any]:
        calls.append(time.monotonic())
        return {"output": x}

    backend = opened_here(noted)
    assert backend.ask is not None
    arrays = {"x": np.ones((2, 3), dtype=np.float32)}
    names = ("weight", "bias", "running_mean", "running_var", "grad_output")
    now = time.monotonic()
    asked = [
        ending(backend, backend.ask, end)({**arrays, **dict.fromkeys(names)}, SETTINGS).fault
        for end in (now + 600, now - GRACE)
    ]
    assert asked == [None, LATE]
    assert len(calls) == 1
