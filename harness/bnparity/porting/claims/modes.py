"""Measures of modes: the rows of the mode tables, and what a layer starts in."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np

from bnparity.backends import LayerError
from bnparity.judging import STATISTICS, named_alike
from bnparity.porting.claims.claim import Measurement, holds, told
from bnparity.porting.claims.subject import INFERENCE, TRAINING, UNTRACKED, Judged, Status, Subject

#: What `use_batch_statistics` makes of training and of inference, as documented.
_USED: Mapping[bool | None, tuple[Status, Status]] = {
    None: (TRAINING, INFERENCE),
    True: (TRAINING, TRAINING),
    False: (INFERENCE, INFERENCE),
}


def each_follows(parts: Iterable[tuple[str, Callable[[], Judged]]]) -> Measurement:
    """Return whether every part, under its label, follows the oracle; one that raises does not."""
    follows, evidence = True, []
    for label, judging in parts:
        try:
            result = judging()
        except LayerError as refused:
            follows = False
            evidence.append(f"{label}: {told(refused)}")
        else:
            follows &= result.follows
            evidence.append(f"{label}: {result}")
    return holds(follows, "; ".join(evidence))


def row(subject: Subject, *, status: Status, label: str = "") -> Measurement:
    """Measure a row of PyTorch's mode table, with running statistics."""
    training, inference = subject.calls(True, False)
    result = (training if status.training else inference).judged(status)
    return holds(result.follows, f"{label}{result}")


def uses(subject: Subject, *, values: Iterable[bool | None]) -> Measurement:
    """Measure values of `use_batch_statistics` in both modes; None follows the mode.

    None is left out of the arguments, so that it is the default, and PyTorch's function, too.
    """

    def judging(value: bool | None, mode: int, status: Status) -> Judged:
        given = {} if value is None else {"use_batch_statistics": value}
        return subject.calls(True, False, **given)[mode].judged(status)

    return each_follows(
        (
            mode if value is None else f"{value} in {mode}",
            partial(judging, value, place, _USED[value][place]),
        )
        for value in values
        for place, mode in enumerate(("training", "inference"))
    )


def updates_differ(subject: Subject) -> Measurement:
    """Measure updating otherwise than PyTorch: it holds where either mode does."""
    same = uses(subject, values=[None])
    differs = same.verdict != "holds"
    told_so = "not as PyTorch's does" if differs else "as PyTorch's does"
    return holds(differs, f"it updates {told_so}: {same.evidence}")


def without_statistics(subject: Subject, *, training: bool) -> Measurement:
    """Measure a row without running statistics: those of the batch, and no others."""
    calls = subject.calls(True, False, track_running_stats=False)
    call = calls[0] if training else calls[1]
    # Whether weight and bias learn in inference is said, and measured, by itself.
    result = call.judged(UNTRACKED, affine=training)
    kept = [name for name in named_alike(call.after) if name in STATISTICS]
    evidence = f"{result}; the state has {', '.join(kept) or 'no running statistics'}"
    return holds(result.follows and not kept, evidence)


def does_not_learn(subject: Subject) -> Measurement:
    """Measure (False, False): that weight and bias get no gradient."""
    outputs = subject.calls(True, False, track_running_stats=False)[1].outputs
    learnt = [name for name in ("grad_weight", "grad_bias") if np.any(outputs.get(name, 0.0))]
    found = ", ".join(f"{name} up to {np.abs(outputs[name]).max():.3g}" for name in learnt)
    return holds(not learnt, f"backward gives {found or 'weight and bias no gradient'}")


def redundant(subject: Subject) -> Measurement:
    """Measure PyTorch's states without statistics: whether they are others' too."""
    with_them = subject.calls(True, False)
    without = subject.calls(True, False, track_running_stats=False)
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


def same_function(subject: Subject) -> Measurement:
    """Measure whether `use_batch_statistics` does all that `track_running_stats` does."""
    call = subject.calls(True, False, use_batch_statistics=True)[0]
    result = call.judged(UNTRACKED)
    what = "move: no value leaves them out" if call.moved else "stay as they are"
    evidence = f"True normalises as track_running_stats=False does ({result}), and statistics"
    return holds(result.follows and not call.moved, f"{evidence} {what}")


def starts(subject: Subject, *, status: Status) -> Measurement:
    """Measure the mode that a new layer is in: its attribute and what it does."""
    said = subject.make().get("training")
    (call,) = subject.calls(None)
    result = call.judged(status)
    evidence = f"training is {said} in a new layer; judged as such, {result}"
    return holds(said is status.training and result.follows, evidence)


def trains_at_once(subject: Subject) -> Measurement:
    """Measure whether a new layer trains without being told to."""
    (call,) = subject.calls(None)
    result = call.judged(TRAINING)
    return holds(result.follows, f"a new layer, called as it is, judged as training: {result}")


def statistics_named(subject: Subject) -> Measurement:
    """Measure the names of what training computes: ``mean`` and ``variance``."""
    moved = subject.calls(True, False)[0].moved
    names = {"mean", "variance"}
    return holds(set(moved) == names, f"training moves {', '.join(moved) or 'nothing'}")


def loaded_in_inference(subject: Subject) -> Measurement:
    """Measure inference with parameters of a checkpoint, and not those at hand."""
    trained, inferred = subject.calls(True, False)
    left = named_alike(trained.after)["running_mean"]
    used = named_alike(inferred.before)["running_mean"]
    loaded = not np.array_equal(used, left)
    at_hand = "what training has just left in the layer, and nothing is loaded"
    whence = "other statistics than training has left" if loaded else at_hand
    return holds(loaded, f"after training, inference uses {whence}")
