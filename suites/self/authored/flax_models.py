"""The network of torch_model in Flax, ported rightly and with mistakes: of linen, and of nnx.

Each function returns the network with the arrays of net.msgpack, which lies where it is run. Run as
a script that takes the one which records, it leaves a recording in a folder for each function.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax import linen, nnx, serialization

SAME = {"padding": 1, "use_bias": False}


class Net(linen.Module):  # type: ignore[misc]  # it ships no types
    """Two convolutions, each with a BatchNorm, of which the second is told its momentum."""

    momentum: float = 0.9
    padding: int = 1

    def setup(self) -> None:
        """Make the layers."""
        self.conv1 = linen.Conv(4, (3, 3), strides=2, padding=1, use_bias=False)
        self.bn1 = linen.BatchNorm(momentum=0.9)
        self.conv2 = linen.Conv(6, (3, 3), padding=1, use_bias=False)
        self.bn2 = linen.BatchNorm(momentum=self.momentum)
        self.fc = linen.Dense(3)

    def __call__(self, x: Any, *, train: bool) -> Any:
        """Return what it makes of data."""
        x = linen.relu(self.bn1(self.conv1(x), use_running_average=not train))
        x = linen.relu(self.bn2(self.conv2(x), use_running_average=not train))
        return self.fc(x.mean((1, 2)))


class NnxNet(nnx.Module):  # type: ignore[misc]  # the same
    """The same, with its variables in it."""

    def __init__(self, activation: Any) -> None:
        rngs = nnx.Rngs(0)
        self.conv1 = nnx.Conv(3, 4, (3, 3), strides=2, rngs=rngs, **SAME)
        self.conv2 = nnx.Conv(4, 6, (3, 3), rngs=rngs, **SAME)
        self.bn1 = nnx.BatchNorm(4, momentum=0.9, rngs=rngs)
        self.bn2 = nnx.BatchNorm(6, momentum=0.9, rngs=rngs)
        self.fc, self.activation = nnx.Linear(6, 3, rngs=rngs), activation

    @nnx.jit  # type: ignore[untyped-decorator]  # the same
    def __call__(self, x: Any) -> Any:
        """Return what it makes of data."""
        x = self.activation(self.bn1(self.conv1(x)))
        return self.fc(nnx.relu(self.bn2(self.conv2(x))).mean((1, 2)))


def variables() -> Any:
    """Return the arrays that were ported."""
    return serialization.msgpack_restore(Path("net.msgpack").read_bytes())


def in_linen(**told: Any) -> Any:
    """Return the network, bound to its variables."""
    return Net(**told).bind(variables())


def momentum_of_torch() -> Any:
    """Return the network with the momentum that PyTorch's has."""
    return in_linen(momentum=0.1)


def in_nnx(activation: Any = nnx.relu) -> Any:
    """Return the network with its variables in it."""
    net = NnxNet(activation)
    for collection in variables().values():
        for layer, arrays in collection.items():
            for name, array in arrays.items():
                getattr(getattr(net, layer), name)[...] = array
    return net


def other_activation() -> Any:
    """Return the network with something else after the first BatchNorm."""
    return in_nnx(jax.nn.gelu)


def main(script: str) -> None:
    """Record the network of each function."""
    spec = importlib.util.spec_from_file_location("record", script)
    record: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]  # it is there
    sys.modules["record"] = record
    spec.loader.exec_module(record)  # type: ignore[union-attr]  # it has one
    for make in (in_linen, momentum_of_torch, in_nnx, other_activation):
        framework, net = record.model_of(Path(__file__), make.__name__)
        Path(make.__name__).mkdir()
        record.save(framework, record.record(framework, net, np.load("x.npy")), Path(make.__name__))


if __name__ == "__main__":
    main(sys.argv[1])
