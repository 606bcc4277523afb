"""Trees as Flax and Orbax read and save them: run as a script in a folder with tree.msgpack.

It leaves the arrays of that tree in tree.npz, and the tree again in again.msgpack; and in the
folder nnx the state of a module.
"""

from pathlib import Path
from typing import Any

import numpy as np
import orbax.checkpoint as orbax
from flax import nnx, serialization
from flax.traverse_util import flatten_dict


class Net(nnx.Module):  # type: ignore[misc]  # it ships no types
    """A layer and a BatchNorm."""

    def __init__(self) -> None:
        rngs = nnx.Rngs(0)
        self.fc, self.bn = nnx.Linear(3, 2, rngs=rngs), nnx.BatchNorm(2, rngs=rngs)
        self.bn.mean[...], self.bn.var[...] = np.array([1.0, 2.0]), np.array([3.0, 4.0])


if __name__ == "__main__":
    tree = serialization.msgpack_restore(Path("tree.msgpack").read_bytes())
    flat: dict[str, Any] = flatten_dict(tree, sep="/")
    np.savez("tree.npz", **flat)
    Path("again.msgpack").write_bytes(serialization.to_bytes(tree))
    checkpointer = orbax.StandardCheckpointer()
    checkpointer.save(Path("nnx").absolute(), nnx.state(Net()))
    checkpointer.wait_until_finished()
