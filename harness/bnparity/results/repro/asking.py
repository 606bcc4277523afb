"""Part of every ``repro.py``: the arguments of a finding's calls, as they lay in memory.

An array of uint16 holds the bits of a bfloat16 one, which NumPy has no name for.
"""

import json
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bnparity.backends import Array


def opened_or_told(
    finding: Mapping[str, Any], opened: Callable[..., tuple[Callable[..., Any], str]]
) -> Callable[..., Any] | None:
    """Return the call that the finding is about; None, and the reason printed, if there is none."""
    try:
        call, version = opened(finding)
    except Exception as error:  # noqa: BLE001  # whatever an import may raise
        print(f"{finding['backend']} cannot be asked with {sys.executable}: {error}")
        return None
    print(f"{version}, NumPy {np.__version__}, Python {platform.python_version()}")
    return call


def read(path: Path) -> dict[str, Array]:
    """Return the arrays of a safetensors file; see https://github.com/huggingface/safetensors."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    formats = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?"}
    arrays = {}
    for name, about in json.loads(data[8:begin]).items():
        start, end = about["data_offsets"]
        values = np.frombuffer(data[begin + start : begin + end], formats[about["dtype"]])
        arrays[name] = values.reshape(about["shape"])
    return arrays


def laid_out(values: Array, strides: list[int], lead: int) -> Array:
    """Return `values` with `strides`, in memory that begins `lead` bytes after a multiple of 64."""
    reaches = [(size - 1) * stride for size, stride in zip(values.shape, strides, strict=True)]
    if not values.size:
        return values.copy()
    below = -sum(reach for reach in reaches if reach < 0)
    above = sum(reach for reach in reaches if reach > 0) + values.itemsize
    memory = np.zeros(128 + below + above, np.uint8)
    start = -memory.__array_interface__["data"][0] % 64 + lead + below
    array: Array = np.ndarray(values.shape, values.dtype, memory.data, start, tuple(strides))
    array[...] = values
    return array


def arguments(asked: Mapping[str, Any], stored: Mapping[str, Array]) -> dict[str, Array | None]:
    """Return the array arguments of the call `asked`, made anew."""
    return {
        name: None if kept is None else laid_out(stored[kept["key"]], kept["strides"], kept["lead"])
        for name, kept in asked["arrays"].items()
    }


def arguments_after_calls(
    call: Callable[..., Any], finding: Mapping[str, Any], stored: Mapping[str, Array]
) -> dict[str, Array | None]:
    """Make the calls before the last, and return the arguments of that one.

    They have what those calls left behind, and where the memory is to be the same they lie where
    the arguments of the call before did.
    """
    last = finding["calls"][-1]
    arrays = arguments(last, stored)
    for asked in finding["calls"][:-1]:
        given = arguments(asked, stored)
        if finding["reused"]:
            refill(arrays, given)
            given = arrays
        with suppress(Exception, SystemExit):
            ask(call, asked, given)
    refill(arrays, arguments(last, stored))
    return arrays


def refill(arrays: Mapping[str, Array | None], contents: Mapping[str, Array | None]) -> None:
    """Write other contents to `arrays`, where they lie."""
    for name, array in arrays.items():
        if array is not None:
            array[...] = contents[name]


def ask(
    call: Callable[..., Any], asked: Mapping[str, Any], arrays: Mapping[str, Array | None]
) -> Any:
    """Return what `call` returns; what most calls have not it is given only if it is there."""
    rare = ("mask", "grad_running_mean", "grad_running_var")
    beside = {name: arrays[name] for name in rare if name in arrays}
    with np.errstate(all="ignore"):
        return call(
            *(arrays[name] for name in ("x", "weight", "bias", "running_mean", "running_var")),
            training=asked["training"],
            momentum=asked["momentum"],
            eps=asked["eps"],
            grad_output=arrays["grad_output"],
            **beside,
        )


def bits(array: Any) -> Any:
    """Return the bits of a bfloat16 array, anything else as it is."""
    is_bfloat16 = type(array) is np.ndarray and array.dtype.name == "bfloat16"
    return array.view(np.uint16) if is_bfloat16 else array


def wide(array: Array) -> Array:
    """Return `array` in float64."""
    if array.dtype == np.uint16:
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float64)
