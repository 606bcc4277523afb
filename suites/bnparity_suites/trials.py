"""One bad or odd thing done to a layer, and what comes of it: refused, followed, or astray."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from bnparity.backends import Array, LayerError, Remote
from bnparity.judging import Api, Trajectory, follow

from bnparity_suites.pairs import KINDS_AND_SYNC, SPACE

FOLLOWED = "followed"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One thing done to a layer of three channels, before it trains and infers on a batch.

    Parameters
    ----------
    what
        In a few words: the name of the trial.
    how
        What `value` is: ``argument``s of the constructor by name, ``attribute``s to set by name,
        a ``mode`` to switch to, or a function that makes the ``input`` of the call from the usual
        one, or the ``state`` that is loaded from the layer's.
    says
        What the local layer's message has to contain: the parameter, its value, what is allowed.
    kinds
        The layers that it is done to.
    differs
        Why the two layers do different things; nothing if they must not. Then `real` and `local`
        are what they do, as in `Report.outcomes`.
    """

    what: str
    how: Literal["argument", "attribute", "mode", "input", "state"]
    value: Any
    says: tuple[str, ...] = ()
    kinds: tuple[str, ...] = KINDS_AND_SYNC
    differs: str = ""
    real: tuple[str, ...] = ()
    local: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.how} {self.what}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a layer did in a trial.

    Parameters
    ----------
    outcomes
        What became of it when it was made, changed, called in training and in inference, until one
        of the first two was refused: the name of an exception, ``followed``, or ``astray in`` with
        the outputs beyond the bound.
    messages
        Of the exceptions.
    """

    outcomes: tuple[str, ...]
    messages: tuple[str, ...]


def attempt(remote: Remote, api: Api, kind: str, trial: Trial) -> Report:
    """Return what a layer does in a trial."""
    outcomes, messages = [], []
    try:
        layer = _made(remote, api, kind, trial)
        outcomes.append(FOLLOWED)
        _change(layer, trial)
        outcomes.append(FOLLOWED)
    except LayerError as refused:
        return Report(outcomes=(*outcomes, refused.type), messages=(refused.message,))
    x = _batch(kind, trial)
    for mode in (True, False):
        try:
            layer.train(mode)
            outcomes.append(_called(layer, x))
        except LayerError as refused:
            outcomes.append(refused.type)
            messages.append(refused.message)
    return Report(outcomes=tuple(outcomes), messages=tuple(messages))


def _made(remote: Remote, api: Api, kind: str, trial: Trial) -> Trajectory:
    arguments: dict[str, Any] = {"num_features": 3}
    if trial.how == "argument":
        arguments |= trial.value
    return follow(remote, api, kind, arguments.pop("num_features"), **arguments)


def _change(layer: Trajectory, trial: Trial) -> None:
    if trial.how == "attribute":
        for name, value in trial.value.items():
            layer.set(name, value)
    if trial.how == "mode":
        layer.train(trial.value)
    if trial.how == "state":
        change: Callable[[Mapping[str, Array]], Mapping[str, Array]] = trial.value
        layer.load(change(layer.layer.state()))


def _batch(kind: str, trial: Trial) -> Array:
    usual = np.random.default_rng(0).normal(3.0, 2.0, size=(4, 3, *SPACE[kind])).astype(np.float32)
    change: Callable[[Array], Array] = trial.value
    return change(usual) if trial.how == "input" else usual


def _called(layer: Trajectory, x: Array) -> str:
    """Return whether the outputs and gradients of a call follow the oracle."""
    differentiable = x.dtype.kind not in "biu"  # the question is not what backward makes of these
    checks = layer.call(x, np.flip(x).copy() if differentiable else None)
    astray = sorted(check.output for check in checks if check.verdict == "fail")
    return f"astray in {', '.join(astray)}" if astray else FOLLOWED
