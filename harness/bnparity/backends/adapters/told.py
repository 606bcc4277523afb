"""What a user says of a target in brackets: ``my.py:Norm[device=cuda,running_mean=ema_mean]``.

It is part of the name, so that a finding and its replay are about the same backend.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bnparity.backends.errors import UsageError, did_you_mean

#: What a target can be taken for.
KINDS = (
    "function",
    "torch-module",
    "torch-function",
    "mindspore-cell",
    "keras-layer",
    "flax-linen",
    "flax-nnx",
    "equinox-module",
    "haiku-transformed",
    "haiku-module",
    "jax-function",
    "forward-backward",
)

#: What a layer has that a call sets: its parameters and statistics, and its settings.
STATE = ("weight", "bias", "running_mean", "running_var")
SETTINGS = ("eps", "momentum")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a target is taken for, a layer's own names of ours, and PyTorch's device to run on.

    What nobody said is empty.
    """

    kind: str = ""
    device: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def in_brackets(kind: str | None, mapped: Sequence[str]) -> str:
    """Return what the options ``--as`` and ``--map`` say as it stands in brackets.

    Raises
    ------
    UsageError
        If it is no kind, or maps a name that is not ours.
    """
    text = ",".join([*([] if kind is None else [f"as={kind}"]), *mapped])
    told(text)
    return text


def told(text: str) -> Told:
    """Return what stands in brackets, taken apart; a `UsageError` if it says nothing."""
    kind, device, names = "", "", {}
    for part in filter(None, text.split(",")):
        ours, equals, theirs = part.partition("=")
        if ours == "as" and equals:
            kind = _known("--as", theirs, KINDS)
        elif ours == "device" and theirs:
            device = theirs
        elif not theirs:
            raise UsageError(f"--map {part}: write OURS=THEIRS, as running_mean=ema_mean")
        else:
            names[_known("--map", ours, (*STATE, *SETTINGS, "device"))] = theirs
    return Told(kind=kind, device=device, names=names)


def _known(option: str, word: str, known: Sequence[str]) -> str:
    if word not in known:
        hint = did_you_mean(word, known)
        raise UsageError(f"{option} {word}: choose from {', '.join(known)}{hint}")
    return word
