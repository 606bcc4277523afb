"""An ONNX model made of arrays alone: a BatchNormalization for each layer, and initialisers.

No checkpoint says how the layers of a model are joined, so each node has an input and an output of
its own, ``bn1.X`` and ``bn1.Y``. The arrays of other layers are initialisers that no node takes.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.formats.onnx_model import TYPES
from bnparity.porting.checkpoints.formats.protobuf import head, piece, repeated, varint
from bnparity.porting.checkpoints.found import BatchNorm, batch_norms
from bnparity.porting.checkpoints.names import ARRAYS, NAMINGS
from bnparity.porting.checkpoints.tensors import Tensor, pieces

#: The version of the file's format, of the operators, and the most bytes that protobuf reads.
_FORMAT, _OPSET, _MOST = 8, 15, (1 << 31) - 1
#: Axes of a layer's data where no kernel before it says how many.
_AXES = 4
_NUMBERS: Mapping[str, int] = {name: number for number, name in TYPES.items()}


def write(
    file: BinaryIO, tensors: Sequence[Tensor], said: Mapping[str, Mapping[str, float]]
) -> None:
    """Write a model of tensors, whose nodes have the eps and momentum that are `said`.

    Raises
    ------
    UsageError
        If ONNX has no such arrays or layers, or they are too many.
    """
    norms = batch_norms("onnx", {tensor.name: tensor for tensor in tensors})
    nodes = b"".join(_node(norm, said.get(norm.layer, {})) for norm in norms)
    begin = nodes + piece(2, b"bnparity") + b"".join(_data(norms, tensors))
    heads = [_head(tensor) for tensor in tensors]
    size = len(begin) + sum(len(h) + t.bytes_ for h, t in zip(heads, tensors, strict=True))
    if size > _MOST:
        raise UsageError(
            f"the arrays have {size} bytes, and a model of ONNX at most {_MOST}: write a "
            ".safetensors or an .npz of its names"
        )
    file.write(repeated(1, [_FORMAT]) + piece(8, repeated(2, [_OPSET])) + head(7, size) + begin)
    for tensor, about in zip(tensors, heads, strict=True):
        file.write(about)
        file.writelines(pieces(tensor))


def _head(tensor: Tensor) -> bytes:
    """Return what stands before the elements of an initialiser."""
    if tensor.dtype not in _NUMBERS:
        raise UsageError(f"{tensor.name} is {tensor.dtype}: what is written of ONNX has none")
    about = repeated(1, tensor.shape) + repeated(2, [_NUMBERS[tensor.dtype]])
    about += piece(8, tensor.name.encode()) + head(9, tensor.bytes_)
    return head(5, len(about) + tensor.bytes_) + about


def _node(norm: BatchNorm, said: Mapping[str, float]) -> bytes:
    if missing := [ours for ours in ARRAYS if ours not in norm.names]:
        raise UsageError(
            f"{norm.layer or 'the layer'} has no {NAMINGS['onnx'].given('', missing[0])}, which a "
            "node of ONNX takes: leave out the --map that names it otherwise"
        )
    takes = [_value(norm, "X"), *(norm.names[ours] for ours in ARRAYS)]
    told = {"epsilon": said.get("eps"), "momentum": said.get("momentum")}
    attributes = (_attribute(name, v) for name, v in told.items() if v is not None)
    content = b"".join(piece(1, name.encode()) for name in takes)
    content += piece(2, _value(norm, "Y").encode()) + piece(3, norm.layer.encode())
    return piece(1, content + piece(4, b"BatchNormalization") + b"".join(attributes))


def _value(norm: BatchNorm, name: str) -> str:
    return f"{norm.layer}.{name}" if norm.layer else name


def _attribute(name: str, value: float) -> bytes:
    number = varint(2 << 3 | 5) + struct.pack("<f", value)
    return piece(5, piece(1, name.encode()) + number + repeated(20, [1]))


def _data(norms: Sequence[BatchNorm], tensors: Sequence[Tensor]) -> Iterator[bytes]:
    """Yield the inputs and outputs of the graph, of as many axes as the kernel before each says."""
    listed = {tensor.name: number for number, tensor in enumerate(tensors)}
    for norm in norms:
        before = tensors[: min(listed[name] for name in norm.names.values())]
        kernel = next((t.shape for t in reversed(before) if len(t.shape) > 1), ())
        axes = len(kernel) if kernel[:1] == (norm.channels,) else _AXES
        number = _NUMBERS[tensors[listed[norm.names["weight"]]].dtype]
        channels = piece(1, repeated(1, [norm.channels]))
        shape = b"".join(channels if axis == 1 else piece(1, b"") for axis in range(axes))
        kind = piece(2, piece(1, repeated(1, [number]) + piece(2, shape)))
        for field, name in ((11, "X"), (12, "Y")):
            yield piece(field, piece(1, _value(norm, name).encode()) + kind)
