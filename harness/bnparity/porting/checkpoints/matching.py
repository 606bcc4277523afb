"""Layers of two checkpoints put together: by name where the names agree, else by shape and order.

Layers of equal shapes are taken in the order in which either file has them, and only if there are
as many on both sides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.found import BatchNorm
from bnparity.porting.checkpoints.tensors import Tensor

#: What a checkpoint has beside its layers.
_NO_LAYERS = ("optimizer/", "optimizer.", "seed_generator/")


def in_order(framework: str, paths: Iterable[str]) -> list[str]:
    """Return the paths of layers in the order in which a model has them.

    Files of PyTorch and MindSpore have that order; those of a tree are sorted, and tell it by the
    numbers in names: ``conv2d_2`` comes before ``conv2d_10``.
    """
    return sorted(paths, key=_numbers) if framework in ("keras", "flax") else list(paths)


def _numbers(name: str) -> tuple[tuple[int, str], ...]:
    parts = re.findall(r"\d+|\D+", name)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


def layers_of(
    tensors: Mapping[str, Tensor], norms: Sequence[BatchNorm]
) -> dict[str, tuple[str, ...]]:
    """Return the names of the arrays of each other layer, by its path."""
    taken = {name for norm in norms for name in norm.names.values()}
    layers: dict[str, list[str]] = {}
    for name in tensors:
        if name not in taken and not name.startswith(_NO_LAYERS):
            path = re.split(r"[./](?!.*[./])", name)
            layers.setdefault(path[0] if len(path) > 1 else "", []).append(name)
    return {path: tuple(names) for path, names in layers.items()}


def matched(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Return the layer of theirs for each of ours, both given with what tells layers apart.

    Raises
    ------
    UsageError
        If there are more of a kind on one side than on the other.
    """
    found = dict[str, str]()
    for kind in dict.fromkeys((*ours.values(), *theirs.values())):
        here = [layer for layer, of in ours.items() if of == kind]
        there = [layer for layer, of in theirs.items() if of == kind]
        if len(here) != len(there):
            shown = f", {(here or there)[0]!r} among them"
            raise UsageError(
                f"layers of {kind}: {len(here)} here and {len(there)} in the target{shown}: "
                "give another --like, or say with --map which is which"
            )
        found |= dict(zip(here, there, strict=True))
    return found


def kind_of_arrays(tensors: Sequence[Tensor]) -> str:
    """Return what tells apart the layers that are no BatchNorm: their sizes in any order."""
    sizes = sorted((len(t.shape), sorted(t.shape)) for t in tensors)
    return " and ".join("x".join(map(str, shape)) or "1" for _, shape in sizes)
