"""What becomes of each array of a checkpoint in another framework: decided, not yet written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.checkpoint import Checkpoint
from bnparity.porting.checkpoints.found import BatchNorm
from bnparity.porting.checkpoints.layout import laid_out
from bnparity.porting.checkpoints.names import COUNT, NAMINGS
from bnparity.porting.checkpoints.targets import Targets
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor
from bnparity.porting.checkpoints.variance import rescaled

#: No layer whose running variance is multiplied.
_AS_THEY_ARE: Mapping[str, float] = MappingProxyType({})
#: What an array of a new layer is.
_FRESH = {"weight": 1.0, "bias": 0.0, COUNT: 0}


@dataclass(frozen=True, kw_only=True)
class PortedNorm:
    """A BatchNorm in both checkpoints: its path in each, the names of its arrays, what changed.

    The running variance is ``factor`` times that of the source.
    """

    norm: BatchNorm
    layer: str
    names: Mapping[str, str]
    changes: tuple[str, ...]
    factor: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Carried:
    """An array of another layer in both checkpoints; ``moved`` if its axes have another order."""

    source: str
    target: str
    moved: bool


@dataclass(frozen=True, kw_only=True)
class Port:
    """A checkpoint in the names of another framework: what became of what, and the tensors.

    ``by_order`` are the layers that were put together by shape and order alone; ``said`` has the
    eps and momentum of layers of a given target, where its file says them.
    """

    source: Checkpoint
    to: str
    norms: tuple[PortedNorm, ...]
    carried: tuple[Carried, ...]
    tensors: tuple[Tensor, ...]
    by_order: tuple[str, ...] = ()
    said: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def plan(
    source: Checkpoint, to: str, targets: Targets, factors: Mapping[str, float] = _AS_THEY_ARE
) -> Port:
    """Return what becomes of each array of `source` in the framework `to`.

    The running variances of the layers in `factors` are multiplied.

    Raises
    ------
    UsageError
        If an array has no place there, or two have the same.
    """
    if source.framework == to:
        raise UsageError(f"{str(source.path)!r} has the names of {to} already: --to another")
    norms, written = list[PortedNorm](), dict[str, list[Tensor]]()
    for norm in source.norms:
        ported, made = _ported(norm, source, to, targets)
        if (factor := factors.get(norm.layer, 1.0)) != 1.0:
            ported, made = _rescaled(ported, made, factor)
        norms.append(ported)
        written |= made
    carried, in_norms = [], {name for norm in source.norms for name in norm.names.values()}
    for name, tensor in source.tensors.items():
        if name not in in_norms:
            moved = _carried(tensor, source.framework, to, targets)
            carried.append(Carried(source=name, target=moved.name, moved=moved.shape_moved))
            written[name] = [moved.tensor]
    tensors = tuple(t for name in source.tensors for t in written.get(name, ()))
    _all_apart(tensors, targets)
    return Port(
        source=source,
        to=to,
        norms=tuple(norms),
        carried=tuple(carried),
        tensors=tensors,
        by_order=targets.by_order,
        said={} if targets.like is None else targets.like.said,
    )


def _ported(
    norm: BatchNorm, source: Checkpoint, to: str, targets: Targets
) -> tuple[PortedNorm, dict[str, list[Tensor]]]:
    """Return what becomes of a BatchNorm, and its tensors by the name that each comes from."""
    layer, wanted = targets.norm(norm)
    names, changes, written = dict[str, str](), [], dict[str, list[Tensor]]()
    for ours, name in norm.names.items():
        written[name] = []
        uncounted = ours == COUNT and to != "torch" and not np.any(source.tensors[name].read())
        if ours in wanted and not uncounted:
            names[ours] = targets.verbatim.get(name, wanted[ours])
            written[name] = [replace(source.tensors[name], name=names[ours])]
        else:
            changes.append(_left(ours, source.tensors[name], to))
    last = written[list(norm.names.values())[-1]]
    for ours in (ours for ours in wanted if ours not in norm.names):
        names[ours] = wanted[ours]
        like = source.tensors[norm.names["running_mean"]]
        last.append(_fresh(ours, wanted[ours], like))
        changes.append(f"{wanted[ours]} is new: {_FRESH[ours]:g}")
    done = PortedNorm(norm=norm, layer=layer, names=names, changes=tuple(filter(None, changes)))
    return done, written


def _rescaled(
    ported: PortedNorm, made: dict[str, list[Tensor]], factor: float
) -> tuple[PortedNorm, dict[str, list[Tensor]]]:
    """Return a BatchNorm and its tensors with another running variance."""
    source = ported.norm.names["running_var"]
    changed = f"{source} is multiplied by {factor:g}, and inference changes by that"
    (variance,) = made[source]
    return (
        replace(ported, factor=factor, changes=(*ported.changes, changed)),
        made | {source: [rescaled(variance, factor)]},
    )


def _left(ours: str, tensor: Tensor, to: str) -> str:
    """Return what is said of an array without a place; it has to be as in a new layer."""
    array = tensor.read()
    if ours == COUNT:
        count = int(array)
        told = f"{tensor.name}={count} is left out: it counts only where momentum is None"
        return told if count else ""
    if not np.all(array == _FRESH[ours]):
        raise UsageError(
            f"{tensor.name} has no place in {to}'s layer, and it is not {_FRESH[ours]:g} "
            "throughout: give the layer that array"
        )
    return f"{tensor.name} is left out: it is {_FRESH[ours]:g} throughout"


def _fresh(ours: str, name: str, like: Tensor) -> Tensor:
    if ours == COUNT:
        return Tensor(name=name, dtype="int64", shape=(), read=lambda: np.zeros((), np.int64))
    value, dtype = _FRESH[ours], DTYPES[like.dtype]
    return replace(like, name=name, read=lambda: np.full(like.shape, value, dtype))


@dataclass(frozen=True, kw_only=True)
class _Moved:
    tensor: Tensor
    shape_moved: bool

    @property
    def name(self) -> str:
        return self.tensor.name


def _carried(tensor: Tensor, framework: str, to: str, targets: Targets) -> _Moved:
    """Return an array of another layer under its new name, with its axes as they are there."""
    plain = NAMINGS[framework].plain(tensor.name)
    name, shape = targets.other(tensor, plain)
    turned = NAMINGS[framework].kernels_last != NAMINGS[to].kernels_last
    is_kernel = re.search(r"(^|[./])(weight|kernel|\d+)$", tensor.name) is not None
    moved: Tensor | None = tensor
    if turned and (is_kernel or shape is not None):
        moved = laid_out(tensor, last=NAMINGS[to].kernels_last, shape=shape)
    if moved is None or (shape is not None and moved.shape != shape):
        assert shape is not None
        raise UsageError(
            f"{tensor.name} has the shape {list(tensor.shape)} and {name} {list(shape)}: "
            "say with --map which is which, or give another --like"
        )
    return _Moved(tensor=replace(moved, name=name), shape_moved=moved is not tensor)


def _all_apart(tensors: Sequence[Tensor], targets: Targets) -> None:
    """Check that no two arrays have one name, and that each of the target's has come."""
    seen = set[str]()
    for tensor in tensors:
        if tensor.name in seen:
            raise UsageError(f"two arrays would be called {tensor.name}: say --map for one of them")
        seen.add(tensor.name)
    missing = [name for name in targets.all_names() if name not in seen]
    if missing:
        raise UsageError(
            f"{missing[0]} of the target has no array here: say which with --map OURS={missing[0]}"
        )
