"""The tensors of a checkpoint, written as npz: run as a script where its framework is.

PyTorch's are loaded with ``weights_only=True``, which refuses whatever else a pickle would do.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Ends the name of an array of the bits of a bfloat16 one, for which npz has no name.
BITS = "@bfloat16"
#: How a file of PyTorch's begins, a zip archive or a bare pickle.
_BEGINNINGS = (b"PK", b"\x80")


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the tensors and numbers of nested mappings and lists, their names joined by ``/``."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{prefix}/{name}" if prefix else str(name), inner)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _flat(f"{prefix}/{place}" if prefix else str(place), inner)
    elif isinstance(value, bool | int | float) or hasattr(value, "numpy"):
        yield prefix, value


def _of_torch(path: str) -> Iterator[tuple[str, NDArray[Any]]]:
    import torch

    for name, value in _flat("", torch.load(path, weights_only=True, map_location="cpu")):
        if not isinstance(value, torch.Tensor):
            yield name, np.asarray(value)
        elif value.dtype is torch.bfloat16:
            yield name + BITS, value.detach().contiguous().view(torch.int16).numpy()
        else:
            yield name, value.detach().numpy()


def _of_mindspore(path: str) -> Iterator[tuple[str, NDArray[Any]]]:
    import mindspore

    for name, value in mindspore.load_checkpoint(path).items():
        if value.dtype == mindspore.bfloat16:
            yield name + BITS, (value.float().asnumpy().view(np.uint32) >> 16).astype(np.uint16)
        else:
            yield name, value.asnumpy()


def _main(framework: str, path: str, out: str) -> None:
    try:
        read = {"torch": _of_torch, "mindspore": _of_mindspore}[framework]
        np.savez(out, **dict(read(path)))  # type: ignore[arg-type]  # names are not its options
    except UnpicklingError:
        if not Path(path).read_bytes().startswith(_BEGINNINGS):
            sys.exit("it is no file of torch.save: save the tensors again")
        sys.exit("it holds more than tensors and numbers, which is never loaded: save these alone")
    except Exception as error:  # noqa: BLE001  # whatever a framework raises at a broken file
        told = str(error).strip().splitlines() or [""]
        sys.exit(f"{type(error).__name__}: {told[0]}")


if __name__ == "__main__":
    _main(*sys.argv[1:])
