"""Caffe's blobs as arrays with names, and back: sums are divided by the factor beside them.

A BatchNorm of Caffe has three blobs: the sums of mean and variance, and the factor that both are
divided by when they are read. Weight and bias are those of the Scale layer that follows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bnparity.backends import Array, UsageError
from bnparity.porting.checkpoints.names import CAFFE
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor

#: What the name of a Scale layer has behind that of its BatchNorm, where a new one is named.
_SCALE = "_scale"
#: The arrays of other layers, by the number of the blob.
_LEAVES = ("weight", "bias")
_NUMBERED = re.compile(r"(.+)\.(\d+)")


@dataclass(frozen=True, kw_only=True)
class BlobLayer:
    """A layer and its blobs in their order; ``kind`` is its type, where a file says it."""

    name: str
    blobs: tuple[Tensor, ...]
    kind: str = ""

    @property
    def normalises(self) -> bool:
        """Whether these are the sums and the factor of a BatchNorm."""
        shapes = [blob.shape for blob in self.blobs]
        alike = len(shapes) == 3 and shapes[0] == shapes[1] and len(shapes[0]) == 1
        return alike and shapes[2] == (1,) and self.kind in ("", "BatchNorm")

    def scales(self, before: "BlobLayer | None") -> bool:
        """Return whether these are weight and bias of the BatchNorm `before` it."""
        if before is None or not before.normalises:
            return False
        both = len(self.blobs) == 2 if not self.kind else self.kind == "Scale"
        return both and all(blob.shape == before.blobs[0].shape for blob in self.blobs)


def layers_of_blobs(tensors: Mapping[str, Tensor]) -> list[BlobLayer]:
    """Return the layers whose blobs are called ``LAYER.NUMBER``; empty if others are among them."""
    layers: dict[str, list[Tensor]] = {}
    for name, tensor in tensors.items():
        if (parts := _NUMBERED.fullmatch(name)) is None:
            return []
        blobs = layers.setdefault(parts[1], [])
        if int(parts[2]) != len(blobs):
            return []
        blobs.append(tensor)
    return [BlobLayer(name=name, blobs=tuple(blobs)) for name, blobs in layers.items()]


def named(layers: Iterable[BlobLayer]) -> Iterator[Tensor]:
    """Yield the arrays of layers, those of a BatchNorm divided by its factor."""
    for layer, names in _names(layers):
        for blob, name in zip(layer.blobs, names, strict=True):
            if not layer.normalises:
                yield replace(blob, name=name)
            elif name:
                yield _divided(blob, layer.blobs[2], name)


def blobs(tensors: Iterable[Tensor]) -> Iterator[Tensor]:
    """Yield the blobs of arrays that are named, with the factor 1 and Scale layers of new names.

    Raises
    ------
    UsageError
        If a layer has an array that none of Caffe's has.
    """
    layers: dict[str, dict[str, Tensor]] = {}
    for tensor in tensors:
        layer, _, leaf = tensor.name.rpartition(".")
        layers.setdefault(layer, {})[leaf] = tensor
    for layer, arrays in layers.items():
        for name, numbered in _numbered(layer, arrays):
            for number, tensor in enumerate(numbered):
                yield replace(tensor, name=f"{name}.{number}")


def _numbered(layer: str, arrays: Mapping[str, Tensor]) -> Iterator[tuple[str, list[Tensor]]]:
    """Yield the layers of Caffe that stand for one, each with its blobs in their order."""
    normalises = CAFFE["running_mean"] in arrays
    leaves = [*CAFFE.values()] if normalises else [*_LEAVES, *map(str, range(2, 10))]
    others = [leaf for leaf in arrays if leaf not in leaves]
    if others or not layer or not (normalises or "weight" in arrays):
        raise UsageError(
            f"{arrays[next(iter(others or arrays))].name} is no blob of a layer of Caffe's, which "
            "has a name, a weight and perhaps a bias: leave it out"
        )
    if not normalises:
        yield layer, [arrays[leaf] for leaf in leaves if leaf in arrays]
        return
    mean, var = (arrays[CAFFE[ours]] for ours in ("running_mean", "running_var"))
    yield layer, [mean, var, factor_of_one(mean)]
    weight, bias = (arrays.get(CAFFE[ours]) for ours in _LEAVES)
    if weight or bias:
        yield f"{layer}{_SCALE}", [weight or _full(var, 1.0), bias or _full(var, 0.0)]


def filled(
    layers: Iterable[BlobLayer], tensors: Mapping[str, Tensor]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each blob of a target with the array that it gets; factors get 1."""
    for layer, names in _names(layers):
        for blob, name in zip(layer.blobs, names, strict=True):
            if not name:
                yield blob, factor_of_one(blob)
            elif name in tensors:
                yield blob, tensors[name]


def factor_of_one(like: Tensor) -> Tensor:
    """Return the factor by which nothing is divided, in the format of another blob."""
    return _full(replace(like, shape=(1,)), 1.0)


def _full(like: Tensor, value: float) -> Tensor:
    return replace(like, read=lambda: np.full(like.shape, value, DTYPES[like.dtype]))


def _names(layers: Iterable[BlobLayer]) -> Iterator[tuple[BlobLayer, list[str]]]:
    """Yield each layer with a name for each blob; a factor has none."""
    before: BlobLayer | None = None
    for layer in layers:
        if layer.normalises:
            names = [f"{layer.name}.{CAFFE[ours]}" for ours in ("running_mean", "running_var")]
            yield layer, [*names, ""]
        elif layer.scales(before):
            assert before is not None
            both = zip(("weight", "bias"), layer.blobs, strict=False)
            yield layer, [f"{before.name}.{CAFFE[ours]}" for ours, _ in both]
        else:
            leaves = [*_LEAVES, *map(str, range(2, len(layer.blobs)))]
            yield (
                layer,
                [f"{layer.name}.{leaf}" for leaf, _ in zip(leaves, layer.blobs, strict=False)],
            )
        before = layer


def _divided(sums: Tensor, factor: Tensor, name: str) -> Tensor:
    """Return sums divided by their factor; by 0, before all training, Caffe leaves 0."""

    def read() -> Array:
        divisor = float(factor.read()[0])
        if not np.isfinite(divisor) or divisor < 0:
            raise UsageError(f"{factor.name} is {divisor:g}: a factor is 0 or above; save it again")
        wide = sums.read().astype(np.float64)
        quotient: Array = (wide / divisor if divisor else 0.0 * wide).astype(DTYPES[sums.dtype])
        return quotient

    return replace(sums, name=name, read=read)
