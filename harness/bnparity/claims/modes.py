"""Measures of modes: the rows of the mode tables, and what a layer starts in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from bnparity.claims.claim import Measure, Measurement, holds, told
from bnparity.claims.subject import (
    INFERENCE,
    TRAINING,
    UNTRACKED,
    Judged,
    Status,
    Subject,
    batches,
    unmoved,
)
from bnparity.drivers.layer import Refused
from bnparity.trajectory import named_alike

_UNTRACKED: Mapping[str, Any] = {"track_running_stats": False}


def each_follows(parts: Iterable[tuple[str, Callable[[], Judged]]]) -> Measurement:
    """Return whether every part follows the oracle; a part that raises does not."""
    follows, evidence = True, []
    for label, judged in parts:
        try:
            result = judged()
        except Refused as refused:
            if refused.type in Subject.GONE:
                raise
            follows = False
            evidence.append(f"{label}: {told(refused)}")
        else:
            follows &= result.follows
            evidence.append(f"{label}: {result}")
    return holds(follows, "; ".join(evidence))


def row(kind: str, status: Status, *, switched: bool | None) -> Measure:
    """Return the measure of a row of PyTorch's mode table with running statistics."""

    def measure(subject: Subject) -> Measurement:
        judged = subject.judged(kind, status, switched=switched)
        return holds(judged.follows, str(judged))

    return measure


def value_is(kind: str, value: bool | None, in_training: Status, in_inference: Status) -> Measure:
    """Return the measure of a value of `use_batch_statistics`: the status it is in either mode."""

    def measure(subject: Subject) -> Measurement:
        return each_follows(_in_both_modes(subject, kind, value, in_training, in_inference))

    return measure


def without_statistics(kind: str, *, switched: bool) -> Measure:
    """Return the measure of a row without running statistics: those of the batch, and no others."""

    def measure(subject: Subject) -> Measurement:
        judged = subject.judged(kind, UNTRACKED, switched=switched, given=_UNTRACKED)
        state = named_alike(subject.make(kind, **_UNTRACKED).state())
        kept = [name for name in state if name.startswith("running_")]
        none = f"the state has {', '.join(kept) or 'no running statistics'}"
        return holds(judged.follows and not kept, f"{judged}; {none}")

    return measure


def does_not_learn(kind: str) -> Measure:
    """Return the measure of (False, False): that weight and bias get no gradient."""

    def measure(subject: Subject) -> Measurement:
        layer = subject.make(kind, **_UNTRACKED)
        layer.train(False)
        outputs = layer(*next(batches(kind)))
        learnt = [name for name in ("grad_weight", "grad_bias") if np.any(outputs.get(name, 0.0))]
        found = ", ".join(f"{n} up to {np.abs(outputs[n]).max():.3g}" for n in learnt)
        return holds(not learnt, f"backward gives {found or 'weight and bias no gradient'}")

    return measure


def redundant(kind: str) -> Measure:
    """Return the measure of PyTorch's states without statistics: whether they are others' too."""

    def measure(subject: Subject) -> Measurement:
        def with_false(status: Status) -> Callable[[], Judged]:
            return lambda: subject.judged(kind, status, switched=status.training, given=_UNTRACKED)

        return each_follows(
            [
                ("False in training as True is", with_false(TRAINING)),
                ("False in inference as True is", with_false(INFERENCE)),
            ]
        )

    return measure


def two_states(kind: str) -> Measure:
    """Return the measure of MindSpore's states: training and inference, and no others."""

    def measure(subject: Subject) -> Measurement:
        return each_follows(
            part
            for value, in_training, in_inference in (
                (None, TRAINING, INFERENCE),
                (True, TRAINING, TRAINING),
                (False, INFERENCE, INFERENCE),
            )
            for part in _in_both_modes(subject, kind, value, in_training, in_inference)
        )

    return measure


def same_function(kind: str) -> Measure:
    """Return the measure of `use_batch_statistics` doing all that `track_running_stats` does."""

    def measure(subject: Subject) -> Measurement:
        judged = subject.judged(kind, UNTRACKED, switched=True, given=_use(True))
        layer = subject.make(kind, **_use(True))
        moved = not unmoved(layer, kind)
        what = "move: no value leaves them out" if moved else "do not move"
        evidence = f"True normalises as track_running_stats=False does ({judged}), and statistics"
        return holds(judged.follows and not moved, f"{evidence} {what}")

    return measure


def starts(kind: str, status: Status) -> Measure:
    """Return the measure of the mode that a new layer is in: its attribute and what it does."""

    def measure(subject: Subject) -> Measurement:
        said = subject.make(kind).get("training")
        judged = subject.judged(kind, status, switched=None)
        evidence = f"training is {said} in a new layer, which does so: {judged}"
        return holds(said is status.training and judged.follows, evidence)

    return measure


def statistics_named(kind: str, *names: str) -> Measure:
    """Return the measure of parameters that training computes, by the names they are given."""

    def measure(subject: Subject) -> Measurement:
        layer = subject.make(kind)
        layer.train()
        before = layer.state()
        layer(next(batches(kind))[0])
        after = layer.state()
        moved = {name for name in after if not np.array_equal(before[name], after[name])}
        return holds(moved == set(names), f"training moves {', '.join(sorted(moved))}")

    return measure


def loaded_in_inference(kind: str) -> Measure:
    """Return the measure of inference with parameters of a checkpoint, and not those at hand."""

    def measure(subject: Subject) -> Measurement:
        layer = subject.make(kind)
        initial = named_alike(layer.state())["running_mean"]
        layer.train()
        x, _ = next(batches(kind))
        layer(x)
        trained = named_alike(layer.state())["running_mean"]
        layer.train(False)
        layer(x)
        used = named_alike(layer.state())["running_mean"]
        loaded = np.array_equal(used, initial) and not np.array_equal(used, trained)
        whence = "what a checkpoint has" if loaded else "what training has just left in the layer"
        return holds(loaded, f"inference uses {whence}; a new layer infers with its initial values")

    return measure


def _in_both_modes(
    subject: Subject, kind: str, value: bool | None, in_training: Status, in_inference: Status
) -> list[tuple[str, Callable[[], Judged]]]:
    """Return what judges `use_batch_statistics` in either mode, with a label."""

    def judging(status: Status, *, mode: bool) -> Callable[[], Judged]:
        return lambda: subject.judged(kind, status, switched=mode, given=_use(value))

    return [
        (f"{value} in training", judging(in_training, mode=True)),
        (f"{value} in inference", judging(in_inference, mode=False)),
    ]


def _use(value: bool | None) -> dict[str, bool]:
    """Return the argument that says so; None is left out, so that it is the default too."""
    return {} if value is None else {"use_batch_statistics": value}
