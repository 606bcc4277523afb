"""Measures of modes: the rows of the mode tables, and what a layer starts in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from bnparity.backends import LayerError
from bnparity.judging import STATISTICS, named_alike
from bnparity.porting.claims.claim import Measure, Measurement, holds, told
from bnparity.porting.claims.subject import (
    INFERENCE,
    TRAINING,
    UNTRACKED,
    Judged,
    Status,
    Subject,
    judged,
)

_UNTRACKED: Mapping[str, Any] = {"track_running_stats": False}

#: A label, and what judges what it stands for.
Part = tuple[str, Callable[[], Judged]]


def each_follows(parts: Iterable[Part]) -> Measurement:
    """Return whether every part follows the oracle; a part that raises does not."""
    follows, evidence = True, []
    for label, judging in parts:
        try:
            result = judging()
        except LayerError as refused:
            if refused.type in Subject.UNASKED:
                raise
            follows = False
            evidence.append(f"{label}: {told(refused)}")
        else:
            follows &= result.follows
            evidence.append(f"{label}: {result}")
    return holds(follows, "; ".join(evidence))


def row(kind: str, status: Status) -> Measure:
    """Return the measure of a row of PyTorch's mode table, with running statistics."""

    def measure(subject: Subject) -> Measurement:
        training, inference = subject.calls(kind, True, False)
        result = judged(training if status.training else inference, status)
        return holds(result.follows, str(result))

    return measure


def function_is(kind: str) -> Measure:
    """Return the measure of both modes, with their gradients, as PyTorch's function has them."""

    def measure(subject: Subject) -> Measurement:
        return each_follows(_in_both_modes(subject, kind, None, TRAINING, INFERENCE))

    return measure


def updates_differ(kind: str) -> Measure:
    """Return the measure of updating otherwise than PyTorch: it holds where either mode does."""

    def measure(subject: Subject) -> Measurement:
        same = function_is(kind)(subject)
        differs = same.verdict != "holds"
        told_so = "not as PyTorch's does" if differs else "as PyTorch's does"
        return holds(differs, f"it updates {told_so}: {same.evidence}")

    return measure


def value_is(kind: str, value: bool | None, in_training: Status, in_inference: Status) -> Measure:
    """Return the measure of a value of `use_batch_statistics`: the status it is in either mode."""

    def measure(subject: Subject) -> Measurement:
        return each_follows(_in_both_modes(subject, kind, value, in_training, in_inference))

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


def without_statistics(kind: str, *, training: bool) -> Measure:
    """Return the measure of a row without running statistics: those of the batch, and no others."""

    def measure(subject: Subject) -> Measurement:
        calls = subject.calls(kind, True, False, given=_UNTRACKED)
        call = calls[0] if training else calls[1]
        # Whether weight and bias learn in inference is said, and measured, by itself.
        result = judged(call, UNTRACKED, affine=training)
        kept = [name for name in named_alike(call.after) if name in STATISTICS]
        evidence = f"{result}; the state has {', '.join(kept) or 'no running statistics'}"
        return holds(result.follows and not kept, evidence)

    return measure


def does_not_learn(kind: str) -> Measure:
    """Return the measure of (False, False): that weight and bias get no gradient."""

    def measure(subject: Subject) -> Measurement:
        outputs = subject.calls(kind, True, False, given=_UNTRACKED)[1].outputs
        learnt = [name for name in ("grad_weight", "grad_bias") if np.any(outputs.get(name, 0.0))]
        found = ", ".join(f"{name} up to {np.abs(outputs[name]).max():.3g}" for name in learnt)
        return holds(not learnt, f"backward gives {found or 'weight and bias no gradient'}")

    return measure


def redundant(kind: str) -> Measure:
    """Return the measure of PyTorch's states without statistics: whether they are others' too."""

    def measure(subject: Subject) -> Measurement:
        with_them = subject.calls(kind, True, False)
        without = subject.calls(kind, True, False, given=_UNTRACKED)
        parts = [
            (np.array_equal(a.outputs["output"], b.outputs["output"]), set(b.after) >= set(a.after))
            for a, b in zip(with_them, without, strict=True)
        ]
        evidence = "; ".join(
            f"False in {mode}: {'the output' if same else 'not the output'} that True has, "
            f"{'with' if kept else 'without'} running statistics"
            for mode, (same, kept) in zip(("training", "inference"), parts, strict=True)
        )
        return holds(all(same and kept for same, kept in parts), evidence)

    return measure


def same_function(kind: str) -> Measure:
    """Return the measure of `use_batch_statistics` doing all that `track_running_stats` does."""

    def measure(subject: Subject) -> Measurement:
        call = subject.calls(kind, True, False, given=_use(True))[0]
        result = judged(call, UNTRACKED)
        what = "move: no value leaves them out" if call.moved else "stay as they are"
        evidence = f"True normalises as track_running_stats=False does ({result}), and statistics"
        return holds(result.follows and not call.moved, f"{evidence} {what}")

    return measure


def starts(kind: str, status: Status) -> Measure:
    """Return the measure of the mode that a new layer is in: its attribute and what it does."""

    def measure(subject: Subject) -> Measurement:
        said = subject.make(kind).get("training")
        (call,) = subject.calls(kind, None)
        result = judged(call, status)
        evidence = f"training is {said} in a new layer; judged as such, {result}"
        return holds(said is status.training and result.follows, evidence)

    return measure


def trains_at_once(kind: str) -> Measure:
    """Return the measure of a new layer that trains without being told to."""

    def measure(subject: Subject) -> Measurement:
        (call,) = subject.calls(kind, None)
        result = judged(call, TRAINING)
        return holds(result.follows, f"a new layer, called as it is, judged as training: {result}")

    return measure


def statistics_named(kind: str, *names: str) -> Measure:
    """Return the measure of parameters that training computes, by the names they are given."""

    def measure(subject: Subject) -> Measurement:
        moved = subject.calls(kind, True, False)[0].moved
        return holds(set(moved) == set(names), f"training moves {', '.join(moved) or 'nothing'}")

    return measure


def loaded_in_inference(kind: str) -> Measure:
    """Return the measure of inference with parameters of a checkpoint, and not those at hand."""

    def measure(subject: Subject) -> Measurement:
        trained, inferred = subject.calls(kind, True, False)
        left = named_alike(trained.after)["running_mean"]
        used = named_alike(inferred.before)["running_mean"]
        loaded = not np.array_equal(used, left)
        at_hand = "what training has just left in the layer, and nothing is loaded"
        whence = "other statistics than training has left" if loaded else at_hand
        return holds(loaded, f"after training, inference uses {whence}")

    return measure


def _in_both_modes(
    subject: Subject, kind: str, value: bool | None, in_training: Status, in_inference: Status
) -> list[Part]:
    """Return what judges `use_batch_statistics` in either mode, with a label."""

    def judging(place: int, status: Status) -> Callable[[], Judged]:
        return lambda: judged(subject.calls(kind, True, False, given=_use(value))[place], status)

    name = "" if value is None else f"{value} in "
    return [
        (f"{name}training", judging(0, in_training)),
        (f"{name}inference", judging(1, in_inference)),
    ]


def _use(value: bool | None) -> dict[str, bool]:
    """Return the argument that says so; None is left out, so that it is the default too."""
    return {} if value is None else {"use_batch_statistics": value}
