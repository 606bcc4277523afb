"""The formats of checkpoints, by how the names of files end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, TypeAlias

from bnparity.porting.checkpoints.formats import (
    caffe_model,
    flax_msgpack,
    keras_hdf5,
    mindspore_ckpt,
    npz,
    onnx_graph,
    onnx_model,
    orbax_folder,
    safetensors,
    torch_pt,
)
from bnparity.porting.checkpoints.tensors import Tensor

#: Writes tensors to an open file.
Write: TypeAlias = Callable[[BinaryIO, Sequence[Tensor]], None]
#: Writes the file at a path anew to an open file, with other tensors.
Fill: TypeAlias = Callable[[Path, BinaryIO, Sequence[Tensor]], None]
#: The eps and momentum of a layer, as its file says them.
Said: TypeAlias = Mapping[str, float]

#: Writes tensors and, by the path of its layer, what each BatchNorm is told.
WriteSaid: TypeAlias = Callable[[BinaryIO, Sequence[Tensor], Mapping[str, Said]], None]


@dataclass(frozen=True, kw_only=True)
class Format:
    """How a format is read and written.

    ``framework`` is the one whose names it has, empty for any; ``write`` is None where a file is
    more than tensors, so that none can be made; there ``fill`` makes one from another file, and
    ``write_folder`` makes what is no file. ``write_said`` makes one that has eps and momentum too.
    ``said`` gives the settings of layers by path. Each raises a `UsageError` of one line for a file
    that is broken or of something else, and for tensors that the format cannot hold.
    """

    name: str
    framework: str = ""
    read: Callable[[Path, str], Iterator[Tensor]]
    write: Write | None = None
    fill: Fill | None = None
    write_said: WriteSaid | None = None
    write_folder: Callable[[Path, Sequence[Tensor]], None] | None = None
    said: Callable[[Path], Mapping[str, Said]] = lambda _: {}


#: What the name of a folder of Orbax's ends in where it is written.
ORBAX = ".orbax"

_TORCH = Format(name="torch", framework="torch", read=torch_pt.read, write=torch_pt.write)
_KERAS = Format(
    name="keras",
    framework="keras",
    read=lambda path, _: keras_hdf5.read(path),
    write=keras_hdf5.write,
    said=keras_hdf5.said,
)

#: By suffix; the longer of two comes first.
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        ".pt": _TORCH,
        ".pth": _TORCH,
        ".safetensors": Format(
            name="safetensors", read=lambda path, _: safetensors.read(path), write=safetensors.write
        ),
        ".npz": Format(name="npz", read=lambda path, _: npz.read(path), write=npz.write),
        ".ckpt": Format(
            name="ckpt",
            framework="mindspore",
            read=lambda path, _: mindspore_ckpt.read(path),
            write=mindspore_ckpt.write,
        ),
        ".weights.h5": _KERAS,
        ".keras": Format(
            name="keras",
            framework="keras",
            read=lambda path, _: keras_hdf5.read(path),
            fill=keras_hdf5.fill,
            said=keras_hdf5.said,
        ),
        ".msgpack": Format(
            name="msgpack",
            framework="flax",
            read=lambda path, _: flax_msgpack.read(path),
            write=flax_msgpack.write,
        ),
        ORBAX: Format(
            name="orbax",
            framework="flax",
            read=lambda path, _: orbax_folder.read(path),
            write_folder=orbax_folder.write,
        ),
        ".onnx": Format(
            name="onnx",
            framework="onnx",
            read=lambda path, _: onnx_model.read(path),
            write_said=onnx_graph.write,
            fill=onnx_model.fill,
            said=onnx_model.said,
        ),
        ".caffemodel": Format(
            name="caffemodel",
            framework="caffe",
            read=lambda path, _: caffe_model.read(path),
            fill=caffe_model.fill,
            said=caffe_model.said,
        ),
    }
)
