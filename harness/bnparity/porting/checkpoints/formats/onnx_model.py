"""The initialisers of an ONNX model, those of a BatchNormalization node under ONNX's names.

Its layer is called as its first array says, ``bn1`` for ``bn1.weight``, or as the node where that
has another name. Whole numbers of 64 bits, and numbers without an axis, that a node takes are the
graph's: shapes, axes and limits. They are left alone.
"""

import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.formats.filling import by_their_names, overwritten
from bnparity.porting.checkpoints.formats.protobuf import Broken, fields, numbers
from bnparity.porting.checkpoints.names import ARRAYS, NAMINGS
from bnparity.porting.checkpoints.tensors import Tensor, lies_in

#: Formats by ONNX's numbers.
TYPES: Mapping[int, str] = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    16: "bfloat16",
}
#: Numbers of fields: of a model, a graph, a node, an attribute and a tensor.
_GRAPH, _NODE, _INITIALIZER = 7, 1, 5
_INPUT, _NODE_NAME, _OPERATOR, _ATTRIBUTE = 1, 3, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_FLOAT, _ATTRIBUTE_GRAPHS = 1, 2, (6, 11)
_DIMS, _DATA_TYPE, _FLOATS, _TENSOR_NAME, _RAW, _DOUBLES, _EXTERNAL = 1, 2, 4, 8, 9, 10, 14
#: How deep graphs stand in each other.
_DEEPEST = 16
#: What ONNX means where a node does not say it.
_DEFAULTS = {"epsilon": 1e-5, "momentum": 0.9}


@dataclass(kw_only=True)
class _Norm:
    name: str = ""
    operator: str = ""
    inputs: list[str] = field(default_factory=list)
    said: dict[str, float] = field(default_factory=lambda: dict(_DEFAULTS))

    @property
    def layer(self) -> str:
        """The path of the layer, from the name of its first array or its own."""
        first = self.inputs[1] if len(self.inputs) > 1 else ""
        if first == NAMINGS["onnx"].given("", "weight") and not self.name:
            return ""
        path = first.rpartition(".")[0] or self.name or first
        return path.strip("/").replace("/", ".")


@dataclass(frozen=True)
class _Initialiser:
    """An array of a graph: its format and shape, and where its elements lie."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read(path: Path) -> Iterator[Tensor]:
    """Yield the initialisers of a model, as views of the file."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            named = {
                array: NAMINGS["onnx"].given(norm.layer, ours)
                for norm in _norms(data)
                for ours, array in zip(ARRAYS, norm.inputs[1:5], strict=False)
            }
            taken = {name for part in _parts(data) for name in _taken(data, *part)}
            held = [_initialiser(path, data, *part) for part in _graph(data, _INITIALIZER)]
        except (Broken, UnicodeDecodeError) as error:
            raise UsageError(f"{str(path)!r} is no ONNX model ({error}): save it again") from error
    there = {each.name for each in held}
    if missing := [name for name in named if name not in there]:
        raise UsageError(
            f"{str(path)!r}: {missing[0]}, which a BatchNormalization takes, is no initialiser; "
            "equal arrays may be shared: export a model that has been trained"
        )
    for each in held:
        of_graph = each.name in taken and (not each.shape or each.dtype == "int64")
        if not of_graph:
            yield _tensor(path, each, named.get(each.name, each.name))


def fill(target: Path, file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write a model with other initialisers."""
    overwritten(target, file, by_their_names(read(target), tensors))


def said(path: Path) -> dict[str, Mapping[str, float]]:
    """Return eps and momentum of each BatchNormalization."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return {
            norm.layer: {"eps": norm.said["epsilon"], "momentum": norm.said["momentum"]}
            for norm in _norms(data)
        }


def _parts(data: mmap.mmap) -> Iterator[tuple[int, int]]:
    for number, begin, end in fields(data, 0, len(data)):
        if number == _GRAPH and end >= 0:
            yield begin, end


def _graph(data: mmap.mmap, wanted: int) -> Iterator[tuple[int, int]]:
    for begin, end in _parts(data):
        for inner, first, last in fields(data, begin, end):
            if inner == wanted and last >= 0:
                yield first, last


def _taken(data: mmap.mmap, begin: int, end: int, depth: int = 0) -> Iterator[str]:
    """Yield the names that the nodes of a graph take, and those of the graphs in them."""
    if depth > _DEEPEST:
        raise Broken(f"graphs stand in each other more than {_DEEPEST} deep")
    for number, first, last in fields(data, begin, end):
        if number != _NODE or last < 0:
            continue
        for inner, a, b in fields(data, first, last):
            if inner == _INPUT and b >= 0:
                yield data[a:b].decode()
            elif inner == _ATTRIBUTE and b >= 0:
                for attribute, start, stop in fields(data, a, b):
                    if attribute in _ATTRIBUTE_GRAPHS and stop >= 0:
                        yield from _taken(data, start, stop, depth + 1)


def _norms(data: mmap.mmap) -> list[_Norm]:
    nodes = [_node(data, begin, end) for begin, end in _graph(data, _NODE)]
    return [node for node in nodes if node.operator == "BatchNormalization"]


def _node(data: mmap.mmap, begin: int, end: int) -> _Norm:
    node = _Norm()
    for number, first, last in fields(data, begin, end):
        if number == _INPUT:
            node.inputs.append(data[first:last].decode())
        elif number == _NODE_NAME:
            node.name = data[first:last].decode()
        elif number == _OPERATOR:
            node.operator = data[first:last].decode()
        elif number == _ATTRIBUTE:
            _attribute(data, first, last, node.said)
    return node


def _attribute(data: mmap.mmap, begin: int, end: int, told: dict[str, float]) -> None:
    name, value = "", None
    for number, first, last in fields(data, begin, end):
        if number == _ATTRIBUTE_NAME:
            name = data[first:last].decode()
        elif number == _ATTRIBUTE_FLOAT and last - first == 4:
            # The shortest decimal of the float32, as a person has written it.
            value = float(str(np.frombuffer(data[first:last], "<f4")[0]))
    if name in _DEFAULTS and value is not None:
        told[name] = value


def _initialiser(path: Path, data: mmap.mmap, begin: int, end: int) -> _Initialiser:
    shape, dtype, name, at = list[int](), 0, "", (0, 0)
    for number, first, last in fields(data, begin, end):
        if number == _DIMS:
            shape += numbers(data, first, last)
        elif number == _DATA_TYPE:
            dtype = first
        elif number == _TENSOR_NAME:
            name = data[first:last].decode()
        elif number in (_RAW, _FLOATS, _DOUBLES) and last >= 0:
            at = (first, last)
        elif number == _EXTERNAL:
            raise UsageError(f"{str(path)!r} has its data in another file: save it in one")
    return _Initialiser(name, TYPES.get(dtype, str(dtype)), tuple(shape), *at)


def _tensor(path: Path, held: _Initialiser, name: str) -> Tensor:
    tensor = lies_in(path, name, held.dtype, held.shape, held.begin)
    if tensor.bytes_ != held.end - held.begin:
        raise UsageError(f"{str(path)!r}: {name} has no raw data of its size: save it again")
    return tensor
