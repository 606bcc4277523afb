"""NumPy's files from anybody: nothing is unpickled, and no more is allocated than is there."""

import io
import lzma
import zipfile
import zlib
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np

from bnparity.backends import Array, UsageError, npy_header

#: The most elements of an array: with as many a call is judged in a few gigabytes.
MOST_RECORDED = 2**24
#: The most bytes of a file, and of what an archive unfolds to.
MOST_BYTES = 2**30

#: What unfolding a broken archive raises.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, RuntimeError, EOFError, OSError),
)


def read_npy(path: Path) -> Array:
    """Return the array in a file; a `UsageError` if it holds none."""
    with path.open("rb") as file:
        return _array(str(path), file, path.stat().st_size)


def read_npz(path: Path) -> dict[str, Array]:
    """Return the arrays in an archive; a `UsageError` if it is none, or holds anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise UsageError(f"{str(path)!r} unfolds to more than {MOST_BYTES} bytes: split it")
            return {
                member.filename.removesuffix(".npy"): _member(path, archive, member)
                for member in members
            }
    except _BROKEN as error:
        raise UsageError(
            f"{str(path)!r} is no npz file ({error}): save it with numpy.savez"
        ) from error


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    with archive.open(member) as file:
        return _array(f"{path}: {member.filename}", file, member.file_size)


def _array(where: str, file: IO[bytes], size: int) -> Array:
    """Return the array in a file of `size` bytes, of which the header is believed nothing."""
    begin = io.BytesIO(file.read(min(size, 2**16)))
    try:
        shape, column_major, dtype = npy_header(begin)
    except (ValueError, TypeError, SyntaxError, RecursionError, TokenError) as error:
        told = " ".join(str(error).split())[:100]
        raise UsageError(f"{where} is no npy file ({told}): save it with numpy.save") from error
    if dtype.itemsize == 0:
        raise UsageError(f"{where} has elements of no size: save numbers alone")
    if dtype.hasobject:
        raise UsageError(
            f"{where} holds Python objects, which are never loaded: save numbers alone"
        )
    fits(where, shape)
    needed = prod(shape) * dtype.itemsize
    if begin.tell() + needed > size:
        raise UsageError(f"{where} declares {list(shape)}, more than is there: save it again")
    data = begin.read() + file.read()
    array = np.frombuffer(data[:needed], dtype).reshape(shape, order="F" if column_major else "C")
    return np.ascontiguousarray(array) if shape else array


def fits(where: str, shape: tuple[int, ...]) -> None:
    """Check that an array is of a size that can be judged."""
    if any(size < 0 for size in shape) or prod(shape) > MOST_RECORDED:
        raise UsageError(
            f"{where} declares {list(shape)}, more than {MOST_RECORDED} elements: record less"
        )
