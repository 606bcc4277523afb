"""A ``.caffemodel`` without Caffe: the layers of a net and their blobs, read by hand.

Layers as they were before Caffe had BatchNorm are not read.
"""

import mmap
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.caffe import BlobLayer, filled, named
from bnparity.porting.checkpoints.formats.filling import overwritten
from bnparity.porting.checkpoints.formats.protobuf import Broken, fields, numbers
from bnparity.porting.checkpoints.tensors import Tensor, lies_in

#: Numbers of fields: of a net, a layer, the settings of a BatchNorm, a blob and its shape.
_LAYER = 100
_NAME, _KIND, _BLOBS, _SETTINGS = 1, 2, 7, 139
_FRACTION, _EPS = 2, 3
_DATA, _SHAPE, _DOUBLES, _DIMS = 5, 7, 8, 1
_LEGACY = (1, 2, 3, 4)
#: What Caffe means where a layer does not say it.
_DEFAULTS = {"eps": 1e-5, "momentum": 0.999}


def read(path: Path) -> Iterator[Tensor]:
    """Yield the arrays of all layers, those of BatchNorms divided by their factors."""
    yield from named(layers(path))


def layers(path: Path) -> list[BlobLayer]:
    """Return the layers that have blobs, which are views of the file."""
    with _parsed(path) as data:
        found = [_layer(path, data, *part) for part in _pieces(data, 0, len(data), _LAYER)]
    if not found:
        raise UsageError(f"{str(path)!r} has no layers as Caffe has them: save it with Caffe 1.0")
    return [layer for layer in found if layer.blobs]


def fill(target: Path, file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write a net with the blobs of other tensors; factors become 1."""
    overwritten(target, file, filled(layers(target), {tensor.name: tensor for tensor in tensors}))


def said(path: Path) -> dict[str, Mapping[str, float]]:
    """Return eps and momentum of each BatchNorm."""
    with _parsed(path) as data:
        parts = list(_pieces(data, 0, len(data), _LAYER))
        return {_text(data, *part, _NAME): _settings(data, *part) for part in parts}


@contextmanager
def _parsed(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            yield data
        except (Broken, UnicodeDecodeError, struct.error) as error:
            raise UsageError(
                f"{str(path)!r} is no net of Caffe ({error}): save it again"
            ) from error


def _pieces(data: mmap.mmap, begin: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    for number, first, last in fields(data, begin, end):
        if number == wanted and last >= 0:
            yield first, last


def _text(data: mmap.mmap, begin: int, end: int, wanted: int) -> str:
    return "".join(data[a:b].decode() for a, b in _pieces(data, begin, end, wanted))


def _layer(path: Path, data: mmap.mmap, begin: int, end: int) -> BlobLayer:
    name, kind = (_text(data, begin, end, wanted) for wanted in (_NAME, _KIND))
    parts = enumerate(_pieces(data, begin, end, _BLOBS))
    blobs = tuple(_blob(path, data, *part, f"{name}.{number}") for number, part in parts)
    return BlobLayer(name=name, kind=kind or "unknown", blobs=blobs)


def _blob(path: Path, data: mmap.mmap, begin: int, end: int, name: str) -> Tensor:
    shape, legacy, at, dtype = list[int](), dict[int, int](), (0, 0), "float32"
    for number, first, last in fields(data, begin, end):
        if number == _SHAPE and last >= 0:
            parts = [part for part in fields(data, first, last) if part[0] == _DIMS]
            shape += (size for _, *part in parts for size in numbers(data, *part))
        elif number in (_DATA, _DOUBLES) and last >= 0:
            at, dtype = (first, last), "float32" if number == _DATA else "float64"
        elif number in _LEGACY and last < 0:
            legacy[number] = first
    shape = shape or [legacy.get(number, 1) for number in _LEGACY if legacy]
    tensor = lies_in(path, name, dtype, tuple(shape), at[0])
    if tensor.bytes_ != at[1] - at[0]:
        raise UsageError(f"{str(path)!r}: {name} has no data of its size: save it again")
    return tensor


def _settings(data: mmap.mmap, begin: int, end: int) -> dict[str, float]:
    told = dict(_DEFAULTS)
    for part in _pieces(data, begin, end, _SETTINGS):
        for number, first, last in fields(data, *part):
            if number in (_FRACTION, _EPS) and last - first == 4:
                (value,) = struct.unpack("<f", data[first:last])
                told["eps" if number == _EPS else "momentum"] = float(f"{value:.7g}")
    return told
