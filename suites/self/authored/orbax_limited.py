"""Folders of Orbax's in little memory: run as a script in a folder, given the script that is asked.

It writes a tree to the folder large and reads that again, with memory left for half of the arrays;
data and header are what is written, again.data and again.header what is read.
"""

import json
import resource
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

#: The arrays of the tree, each of 8 MiB, and the memory that is left, of half of them.
ARRAYS = {f"params/l{n:02}/kernel": ("float32", (1024, 2048)) for n in range(60)}
LEFT = 30 << 23


def make(header: str, data: str, arrays: Mapping[str, tuple[str, tuple[int, ...]]]) -> None:
    """Write the files of a tree, each of whose arrays has a number of its own."""
    Path(header).write_text(json.dumps([[name, *about] for name, about in arrays.items()]))
    with Path(data).open("wb") as file:
        for number, (dtype, shape) in enumerate(arrays.values()):
            np.full(shape, number, dtype).tofile(file)


def limit() -> None:
    """Leave little memory beside what is in use, which threads and imports decide."""
    status = Path("/proc/self/status").read_text()
    (used,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmData"))
    resource.setrlimit(resource.RLIMIT_DATA, (int(used) * 1024 + LEFT,) * 2)


if __name__ == "__main__":
    script = runpy.run_path(sys.argv[1])
    make("small.header", "small.data", {"params/l/kernel": ("float32", (3,))})
    make("header", "data", ARRAYS)
    for name in ("small", "large"):
        own = "small." if name == "small" else ""
        script["write"](name, f"{own}header", f"{own}data")
        script["read"](str(Path(name).absolute()), f"again.{own}header", f"again.{own}data")
        if name == "small":
            limit()
