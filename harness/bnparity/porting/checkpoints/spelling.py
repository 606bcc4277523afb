"""Arrays as a file has them, where that is not how a framework's names are understood here.

Caffe's files have numbered blobs, and trees of Flax's nnx no collections: parameters and statistics
of a layer stand side by side.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bnparity.porting.checkpoints.caffe import blobs, filled, layers_of_blobs, named
from bnparity.porting.checkpoints.tensors import Tensor, by_name

#: The collections of linen's, and the arrays of a BatchNorm that are in the second.
_PARAMETERS, _STATISTICS = "params/", "batch_stats/"
_AVERAGES = ("mean", "var")
#: What ends the names in a state of nnx that was saved as it is.
_VALUE = "/value"


def understood(
    path: Path, framework: str, tensors: Mapping[str, Tensor]
) -> tuple[str, dict[str, Tensor]]:
    """Return the framework of a file's tensors, empty if their names have to say it, and them."""
    if framework in ("", "caffe") and (layers := layers_of_blobs(tensors)):
        return "caffe", by_name(path, named(layers))
    if framework == "flax":
        names = _in_collections(tensors)
        moved = (replace(tensor, name=names[name]) for name, tensor in tensors.items())
        return framework, by_name(path, moved)
    return framework, dict(tensors)


def spelt(
    framework: str, tensors: Iterable[Tensor], target: Mapping[str, Tensor]
) -> tuple[Tensor, ...]:
    """Return tensors as a file of the framework has them; a `target` file's say what is open."""
    if framework == "caffe":
        if layers := layers_of_blobs(target):
            pairs = filled(layers, {tensor.name: tensor for tensor in tensors})
            return tuple(replace(new, name=blob.name) for blob, new in pairs)
        return tuple(blobs(tensors))
    if framework == "flax":
        own = {name: raw for raw, name in _in_collections(target).items()}
        return tuple(replace(t, name=own.get(t.name, t.name)) for t in tensors)
    return tuple(tensors)


def _in_collections(names: Iterable[str]) -> dict[str, str]:
    """Return for each name of a tree the one that linen has, collection first."""
    names = list(names)
    if any(name.startswith((_PARAMETERS, _STATISTICS)) for name in names):
        return {name: name for name in names}
    paths = {name: name.removesuffix(_VALUE) for name in names}
    return {
        name: f"{_STATISTICS if path.rpartition('/')[2] in _AVERAGES else _PARAMETERS}{path}"
        for name, path in paths.items()
    }
