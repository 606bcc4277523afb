"""Datasets of an HDF5 file, listed or written where h5py is: run as a script in that interpreter.

``list FILE`` prints where each dataset lies; ``write FILE HEADER DATA`` makes a file of arrays that
lie in DATA one after the other, as HEADER says.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def listed(path: str) -> list[dict[str, Any]]:
    """Return name, format, shape and offset of each dataset, in the order of the file."""
    import h5py

    found = list[dict[str, Any]]()

    def see(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            about = {"name": name, "dtype": item.dtype.name, "shape": item.shape}
            found.append({**about, "offset": item.id.get_offset()})

    if not h5py.is_hdf5(path):
        sys.exit("it is no HDF5 file: save it again")
    with h5py.File(path, "r") as file:
        file.visititems(see)
    return found


def write(path: str, header: str, data: str) -> None:
    """Write the arrays that lie in `data`."""
    import h5py

    raw, at = np.memmap(data, np.uint8, "r"), 0
    with h5py.File(path, "w") as file:
        for name, dtype, shape in json.loads(Path(header).read_text()):
            size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
            file.create_dataset(name, data=raw[at : at + size].view(dtype).reshape(shape))
            at += size


def _main(command: str, path: str, *others: str) -> None:
    try:
        if command == "list":
            print(json.dumps(listed(path)))
        else:
            write(path, *others)
    except ImportError as error:
        sys.exit(f"{error}; make it an interpreter: bnparity env create jax")
    except Exception as error:  # noqa: BLE001  # whatever h5py raises at a broken file
        sys.exit(f"{type(error).__name__}: {error}".splitlines()[0])


if __name__ == "__main__":
    _main(*sys.argv[1:])
