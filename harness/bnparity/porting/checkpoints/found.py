"""The BatchNorms of a checkpoint, by the names and shapes of its arrays."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bnparity.backends import CLASS_OF_RANK, FORMATS, UsageError
from bnparity.porting.checkpoints.names import ARRAYS, COUNT, NAMINGS
from bnparity.porting.checkpoints.tensors import Tensor

#: Of Keras's variables, which are numbered: what they are where there are so many.
_BY_NUMBER = {4: ARRAYS, 2: ("running_mean", "running_var")}


@dataclass(frozen=True, kw_only=True)
class BatchNorm:
    """A BatchNorm: its layer's path, and the names of its arrays by ours.

    ``kind`` is PyTorch's class, empty where no kernel before it says how many axes its data has.
    """

    layer: str
    channels: int
    names: Mapping[str, str]
    kind: str = ""


def batch_norms(framework: str, tensors: Mapping[str, Tensor]) -> tuple[BatchNorm, ...]:
    """Return the BatchNorms that there are by the names of `framework`, in their order.

    Raises
    ------
    UsageError
        If the arrays of one do not go together.
    """
    groups: dict[str, dict[str, str]] = {}
    for name in tensors:
        if (taken := NAMINGS[framework].taken(name)) is not None:
            layer, ours = taken
            if ours in (group := groups.setdefault(layer, {})):
                raise UsageError(f"{name} and {group[ours]}: two names for one array of {layer!r}")
            group[ours] = name
    if framework == "keras":
        groups = dict(_numbered(groups, tensors))
    return tuple(
        _checked(layer, names, framework, tensors)
        for layer, names in groups.items()
        if "running_mean" in names or "running_var" in names
    )


def framework_of(tensors: Mapping[str, Tensor]) -> str:
    """Return the framework by whose names there are BatchNorms; a `UsageError` if not just one."""
    found = [framework for framework in NAMINGS if batch_norms(framework, tensors)]
    if not found:
        raise UsageError(
            "it has no BatchNorm: none of its names end in running_mean, moving_mean or "
            "batch_stats/.../mean beside those of a variance"
        )
    if len(found) > 1:
        raise UsageError(f"its names may be {' or '.join(found)}'s: say which, --from {found[0]}")
    return found[0]


def _numbered(
    groups: Mapping[str, Mapping[str, str]], tensors: Mapping[str, Tensor]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the groups of Keras's numbered variables that are a BatchNorm's."""
    for layer, numbers in groups.items():
        names = [numbers[number] for number in sorted(numbers, key=int)]
        shapes = {tensors[name].shape for name in names}
        told = layer.rpartition("/")[2].startswith("batch_normalization")
        flat = len(shapes) == 1 and len(next(iter(shapes))) == 1
        if told and flat and len(names) == 3:
            raise UsageError(
                f"{layer} has three arrays, so that gamma or beta is missing and nothing says "
                f"which: make the layer with both"
            )
        if flat and (len(names) == 4 or (told and len(names) == 2)):
            yield layer, dict(zip(_BY_NUMBER[len(names)], names, strict=True))


def _checked(
    layer: str, names: Mapping[str, str], framework: str, tensors: Mapping[str, Tensor]
) -> BatchNorm:
    """Return the BatchNorm of a group, whose arrays have to be of one length."""
    for one, other in (("running_mean", "running_var"), ("running_var", "running_mean")):
        if one not in names:
            raise UsageError(f"{names[other]} is there without the {one} of {layer!r}: save both")
    shape = tensors[names["running_mean"]].shape
    for ours in (name for name in ARRAYS if name in names):
        tensor = tensors[names[ours]]
        if len(shape) != 1 or tensor.shape != shape:
            mean = names["running_mean"]
            raise UsageError(
                f"{tensor.name} has the shape {list(tensor.shape)} and {mean} {list(shape)}: "
                "one number a channel is expected in both"
            )
        if tensor.dtype not in FORMATS:
            raise UsageError(f"{tensor.name} is {tensor.dtype}: a BatchNorm has {FORMATS[0]}")
    ordered = {ours: names[ours] for ours in (*ARRAYS, COUNT) if ours in names}
    kind = _kind(ordered.values(), shape[0], framework, tensors)
    return BatchNorm(layer=layer, channels=shape[0], names=ordered, kind=kind)


def _kind(
    names: Iterable[str], channels: int, framework: str, tensors: Mapping[str, Tensor]
) -> str:
    """Return the class that the last kernel before the arrays says, if it has as many channels."""
    listed = list(tensors)
    first = min(listed.index(name) for name in names)
    axis = -1 if NAMINGS[framework].kernels_last else 0
    for name in reversed(listed[:first]):
        shape = tensors[name].shape
        if len(shape) > 1:
            return CLASS_OF_RANK.get(len(shape), "") if shape[axis] == channels else ""
    return ""
