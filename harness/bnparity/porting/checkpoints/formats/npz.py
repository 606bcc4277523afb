"""NumPy's archives, in place where they are not compressed: nothing is unpickled."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, BinaryIO

import numpy as np

from bnparity.backends import Array, UsageError
from bnparity.porting.checkpoints.formats.zip_members import begin_of, members_of
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor, pieces, view_of

#: Ends the name of an array of the bits of a bfloat16 one, for which NumPy has no name.
_BITS = "@bfloat16"
#: A header of an array has fewer bytes.
_MOST_HEADER = 1 << 16


def read(path: Path) -> Iterator[Tensor]:
    """Yield the arrays of an archive; those that are compressed are unfolded one at a time."""
    for name, member in members_of(path, "npz file").items():
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                start = io.BytesIO(file.read(_MOST_HEADER))
            shape, column_major, dtype = _header(start)
        except (
            *(ValueError, TypeError, SyntaxError, RecursionError, TokenError),
            *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError),
        ) as error:
            told = " ".join(str(error).split())[:100]
            raise UsageError(f"{path}: {name} is no array ({told}): save it again") from error
        yield _tensor(path, member, start.tell(), shape, dtype, column_major=column_major)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(file)
    if version == (2, 0):
        return np.lib.format.read_array_header_2_0(file)
    raise ValueError(f"its version is {version}")


def _tensor(
    path: Path,
    member: zipfile.ZipInfo,
    offset: int,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    *,
    column_major: bool,
) -> Tensor:
    name = member.filename.removesuffix(".npy")
    if dtype.hasobject:
        raise UsageError(f"{path}: {name} holds Python objects, which are never loaded")
    plain = dtype.newbyteorder("=")
    if plain.name not in DTYPES:
        raise UsageError(f"{path}: {name} is of the format {dtype}, which is not carried")
    if min(shape, default=0) < 0 or offset + prod(shape) * dtype.itemsize > member.file_size:
        raise UsageError(f"{path}: {name} declares {list(shape)}, more than is there")

    def elements() -> Array:
        flat = _flat(path, member, offset, prod(shape) * dtype.itemsize).view(dtype)
        ordered = flat.reshape(shape, order="F" if column_major else "C")
        return ordered.astype(plain, copy=False)

    if not name.endswith(_BITS):
        return Tensor(name=name, dtype=plain.name, shape=shape, read=elements)
    return Tensor(
        name=name.removesuffix(_BITS),
        dtype="bfloat16",
        shape=shape,
        read=lambda: elements().view(DTYPES["bfloat16"]),
    )


def _flat(path: Path, member: zipfile.ZipInfo, offset: int, size: int) -> Array:
    """Return the bytes of an array behind its header."""
    if member.compress_type == zipfile.ZIP_STORED:
        return view_of(path, "uint8", (size,), begin_of(path, member) + offset)
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        file.read(offset)
        return np.frombuffer(file.read(size), np.uint8)


def write(file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write tensors as `numpy.load` reads them."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for tensor in tensors:
            narrow = tensor.dtype == "bfloat16"
            dtype = np.dtype(np.uint16) if narrow else DTYPES[tensor.dtype]
            name = f"{tensor.name}{_BITS if narrow else ''}.npy"
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as out:
                about = {"descr": dtype.str, "fortran_order": False, "shape": tensor.shape}
                np.lib.format.write_array_header_1_0(out, about)
                for part in pieces(tensor):
                    out.write(part)
