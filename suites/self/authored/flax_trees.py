"""The state of a module of nnx, left in the folder `nnx` as Orbax saves it: run as a script."""

from pathlib import Path

import numpy as np
import orbax.checkpoint as orbax
from flax import nnx


class Net(nnx.Module):  # type: ignore[misc]  # it ships no types
    """A layer and a BatchNorm."""

    def __init__(self) -> None:
        rngs = nnx.Rngs(0)
        self.fc, self.bn = nnx.Linear(3, 2, rngs=rngs), nnx.BatchNorm(2, rngs=rngs)
        self.bn.mean[...], self.bn.var[...] = np.array([1.0, 2.0]), np.array([3.0, 4.0])


if __name__ == "__main__":
    checkpointer = orbax.StandardCheckpointer()
    checkpointer.save(Path("nnx").absolute(), nnx.state(Net()))
    checkpointer.wait_until_finished()
