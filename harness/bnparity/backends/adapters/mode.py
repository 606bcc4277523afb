"""What a layer is called with beside its data: its mode, by its own keyword for it, and a mask."""

from typing import Any

from bnparity.backends.adapters.source import parameters_of

_TRAINING = ("training", "train", "is_training")
_INFERENCE = ("use_running_average", "inference", "deterministic", "eval")


def mode_keyword(method: Any, *, training: bool) -> dict[str, bool]:
    """Return the keyword that switches a method; nothing if it has none.

    Examples
    --------
    >>> mode_keyword(lambda x, train: x, training=True)
    {'train': True}
    >>> mode_keyword(lambda x, inference=None: x, training=True)
    {'inference': False}
    """
    for name in parameters_of(method):
        if name in _TRAINING:
            return {name: training}
        if name in _INFERENCE:
            return {name: not training}
    return {}


def takes_mask(method: Any) -> bool:
    """Return whether a method has a keyword for a mask."""
    return "mask" in parameters_of(method)


def mask_keyword(mask: Any) -> dict[str, Any]:
    """Return the keyword that hands a mask to a method; nothing where there is none."""
    return {} if mask is None else {"mask": mask}
