"""Trees in folders of Orbax's, read and written where Orbax is: run as a script there.

``read FOLDER FILE`` puts the arrays of a tree into an npz file, by their paths; ``write FOLDER
FILE`` makes a folder of them. All are NumPy's, so that no device of the one who saved is needed.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

#: Ends the name of an array of the bits of a bfloat16 one, for which NumPy has no name.
BITS = "@bfloat16"


def read(folder: str, file: str) -> None:
    """Put the arrays of a folder into a file."""
    import jax
    import orbax.checkpoint as orbax

    checkpointer = orbax.PyTreeCheckpointer()
    tree = checkpointer.metadata(folder).item_metadata.tree
    as_numpy = jax.tree.map(lambda _: orbax.RestoreArgs(restore_type=np.ndarray), tree)
    restored = checkpointer.restore(folder, restore_args=as_numpy)
    found: dict[str, Any] = {}
    for path, array in jax.tree_util.tree_leaves_with_path(restored):
        name = "/".join(str(getattr(k, "key", getattr(k, "idx", k))) for k in path)
        narrow = array.dtype.name == "bfloat16"
        found[f"{name}{BITS if narrow else ''}"] = array.view(np.uint16) if narrow else array
    np.savez(file, **found)


def write(folder: str, file: str) -> None:
    """Make a folder of the arrays in a file."""
    import ml_dtypes
    import orbax.checkpoint as orbax

    tree: dict[str, Any] = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name, array in arrays.items():
            *path, leaf = name.removesuffix(BITS).split("/")
            place = tree
            for part in path:
                place = place.setdefault(part, {})
            place[leaf] = array.view(ml_dtypes.bfloat16) if name.endswith(BITS) else array
    orbax.PyTreeCheckpointer().save(Path(folder).absolute(), tree)


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    try:
        {"read": read, "write": write}[command](*words)
    except ImportError as error:
        sys.exit(f"{error}; make it an interpreter: bnparity env create jax")
    except Exception as error:  # noqa: BLE001  # whatever Orbax raises at a broken folder
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))
