"""Trees in folders of Orbax's, read and written where Orbax is: run as a script there.

``read FOLDER HEADER DATA`` puts the arrays of a tree into DATA one after the other, with their
paths, formats and shapes in HEADER; ``write FOLDER HEADER DATA`` makes a folder of such. All are
NumPy's, so that no device of the one who saved is needed, and no more is in memory than one array.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


def read(folder: str, header: str, data: str) -> None:
    """Put the arrays of a folder into a file."""
    about = list[Any]()
    with Path(data).open("wb") as file:
        for name, array in _restored(folder):
            about.append([name, array.dtype.name, array.shape])
            np.ascontiguousarray(array).reshape(-1).view(np.uint8).tofile(file)
    Path(header).write_text(json.dumps(about))


def _restored(folder: str) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a folder with their paths; Orbax leaves out what is an ellipsis."""
    import jax
    import orbax.checkpoint as orbax

    checkpointer = orbax.PyTreeCheckpointer()
    described = checkpointer.metadata(folder).item_metadata
    if described is None:
        raise ValueError("what describes its arrays is missing or broken: save it again")
    tree = described.tree
    as_numpy = jax.tree.map(lambda _: orbax.RestoreArgs(restore_type=np.ndarray), tree)
    leaves, shape = jax.tree.flatten(tree)
    for at, (path, leaf) in enumerate(jax.tree_util.tree_leaves_with_path(tree)):
        alone = shape.unflatten([leaf if n == at else ... for n in range(len(leaves))])
        asked = orbax.args.PyTreeRestore(item=alone, restore_args=as_numpy)
        name = "/".join(str(getattr(k, "key", getattr(k, "idx", k))) for k in path)
        yield name, jax.tree.leaves(checkpointer.restore(folder, args=asked))[at]


def write(folder: str, header: str, data: str) -> None:
    """Make a folder of the arrays in a file, which stay there until they are written."""
    import ml_dtypes  # noqa: F401  # tells NumPy the name bfloat16
    import orbax.checkpoint as orbax

    tree: dict[str, Any] = {}
    raw, at = np.memmap(data, np.uint8, "r"), 0
    for name, dtype, shape in json.loads(Path(header).read_text()):
        *path, leaf = name.split("/")
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        end = at + int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        place[leaf], at = raw[at:end].view(dtype).reshape(shape), end
    handler = orbax.PyTreeCheckpointHandler(type_handler_registry=_one_by_one())
    orbax.Checkpointer(handler).save(Path(folder).absolute(), tree)


def _one_by_one() -> Any:
    """Return what makes Orbax write an array before it copies the next; else it copies all."""
    from orbax.checkpoint import type_handlers

    class OneByOne(type_handlers.NumpyHandler):  # type: ignore[misc]  # it ships no types
        async def serialize(self, values: Any, infos: Any, args: Any = None) -> list[Any]:
            for at, (value, info) in enumerate(zip(values, infos, strict=True)):
                for written in await super().serialize([value], [info], args and [args[at]]):
                    written.result()
            return []

    return type_handlers.create_type_handler_registry((np.ndarray, OneByOne()))


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    try:
        {"read": read, "write": write}[command](*words)
    except ImportError as error:
        sys.exit(f"{error}; make it an interpreter: bnparity env create jax")
    except Exception as error:  # noqa: BLE001  # whatever Orbax raises at a broken folder
        print(" ".join(f"{type(error).__name__}: {error}".split()), file=sys.stderr, flush=True)
        os._exit(1)  # at an orderly end what Orbax has left open would have the last word
