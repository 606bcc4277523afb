"""The files of a dump: the arrays in one, and the settings that it has beside them."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ml_dtypes
import numpy as np
from safetensors import SafetensorError, deserialize

from bnparity.backends import Array, UsageError, interpreter_of, output_of
from bnparity.sessions.recorded import framework_file
from bnparity.sessions.recorded.npz import MOST_BYTES, fits, read_npy, read_npz

#: What a file is read as, by how its name ends.
SUFFIXES = (".npz", ".npy", ".safetensors", ".pt", ".pth", ".ckpt")

#: The formats of safetensors that a call may have, by their names there.
OF_BITS = MappingProxyType(
    {
        "F64": np.float64,
        "F32": np.float32,
        "F16": np.float16,
        "BF16": ml_dtypes.bfloat16,
        "I64": np.int64,
        "I32": np.int32,
        "U8": np.uint8,
        "BOOL": np.bool_,
    }
)

#: Seconds that a framework may take to be imported and read a file.
_SECONDS = 120


def read_file(path: Path) -> Mapping[str, Any]:
    """Return the arrays and settings in a file by name; the array of an npy file by no name.

    Raises
    ------
    UsageError
        If it holds none. Nothing that is in it is ever run.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UsageError(f"{str(path)!r} has more than {MOST_BYTES} bytes: split it")
    if path.suffix == ".npy":
        return {"": read_npy(path)}
    if path.suffix == ".npz":
        return _named(path, read_npz(path))
    if path.suffix == ".safetensors":
        return _named(path, _of_safetensors(path))
    return _named(path, _of_framework(path))


def _named(path: Path, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was found, each under a name that leads nowhere."""
    for name in found:
        leads = name.startswith("/") or ".." in name.split("/")
        if leads or not name.strip("./") or not name.isprintable():
            raise UsageError(f"{str(path)!r} has an array called {name!r}: give it a plain name")
    return found


def _of_safetensors(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        said: dict[str, Any] = dict(header.get("__metadata__", {}))
        for name, about in header.items():
            if name != "__metadata__":
                fits(f"{path}: {name}", tuple(about["shape"]))
        # It has no types.
        read = deserialize(data)  # type: ignore[no-untyped-call]
        arrays = {name: _elements(about) for name, about in read}
    except (
        SafetensorError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:100]
        raise UsageError(f"{str(path)!r} is no safetensors file ({told}): save it again") from error
    return {**said, **arrays}


def _elements(about: Mapping[str, Any]) -> Array:
    dtype = np.dtype(OF_BITS[about["dtype"]])
    return np.frombuffer(about["data"], dtype).reshape(about["shape"])


def _of_framework(path: Path) -> dict[str, Any]:
    """Return the tensors of a checkpoint, which its framework reads in a process of its own."""
    with path.open("rb") as file:
        of_torch = path.suffix != ".ckpt" or file.read(2) == b"PK"
    framework = "torch" if of_torch else "mindspore"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tensors.npz"
        command = [
            interpreter_of(framework),
            framework_file.__file__,
            framework,
            str(path),
            str(out),
        ]
        output_of(
            command,
            seconds=_SECONDS,
            late=f"{str(path)!r}: {framework} took too long to read it",
            failed=f"{str(path)!r} cannot be read with {framework}",
            longest=200,
        )
        return _restored(read_npz(out))


def _restored(arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return arrays in the formats that they had."""
    bits = framework_file.BITS
    return {
        name.removesuffix(bits): a.view(ml_dtypes.bfloat16) if name.endswith(bits) else a
        for name, a in arrays.items()
    }
