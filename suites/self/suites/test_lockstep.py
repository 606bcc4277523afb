"""The lockstep of layers is checked with layers that go wrong only now and then."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import hypothesis
import pytest
from bnparity.backends.open import Opened
from bnparity.backends.remote_layer import Remote
from bnparity.judging.trajectory import Api
from bnparity.sessions.search import without_local_constants
from bnparity_suites.lockstep import lockstep
from bnparity_suites.pairs import each_api, pair
from bnparity_suites.test_state import SETTINGS
from hypothesis.stateful import run_state_machine_as_test

#: What is found is not made small: here it is known.
FINDING = hypothesis.settings(SETTINGS, max_examples=500, phases=[hypothesis.Phase.generate])

Fault = Callable[[Remote], Remote]


def momentum_twice(remote: Remote) -> Remote:
    """Return layers of which every fourth call is made twice: momentum is, in training."""
    calls = Counter[int]()

    def faulty(request: Mapping[str, Any], arrays: Any) -> Any:
        if request["method"] == "call":
            calls[request["layer"]] += 1
            if calls[request["layer"]] % 4 == 0:
                remote(request, arrays)
        return remote(request, arrays)

    return faulty


def always_training(remote: Remote) -> Remote:
    """Return layers that hear of inference only at every second switch."""
    switches = Counter[int]()

    def faulty(request: Mapping[str, Any], arrays: Any) -> Any:
        if request["method"] == "train":
            switches[request["layer"]] += 1
            deaf = switches[request["layer"]] % 2 == 0
            return remote({**request, "mode": request["mode"] or deaf}, arrays)
        return remote(request, arrays)

    return faulty


def never_loaded(remote: Remote) -> Remote:
    """Return layers that take a state without a word, and keep their own."""

    def faulty(request: Mapping[str, Any], arrays: Any) -> Any:
        if request["method"] == "load":
            return {"raised": None, "value": None}, {}
        return remote(request, arrays)

    return faulty


def deaf(remote: Remote) -> Remote:
    """Return layers that go on as they began, whatever attribute is set."""

    def faulty(request: Mapping[str, Any], arrays: Any) -> Any:
        if request["method"] == "set":
            return {"raised": None, "value": None}, {}
        return remote(request, arrays)

    return faulty


@each_api
@pytest.mark.parametrize("fault", [momentum_twice, always_training, never_loaded, deaf])
def test_slow_fault_is_found(bn_opened: dict[str, Opened], api: Api, fault: Fault) -> None:
    """A layer that goes wrong only now and then does not pass for the framework's."""
    real, local = pair(bn_opened, api)
    with pytest.raises(AssertionError), without_local_constants():
        run_state_machine_as_test(lockstep(api, real, fault(local)), settings=FINDING)
