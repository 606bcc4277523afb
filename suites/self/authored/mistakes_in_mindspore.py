"""The network of torch_model in MindSpore, ported rightly, and with one mistake each.

Run as a script that takes the one which records: loads net.ckpt and x.npy, and leaves a recording
in a folder for each mistake.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mindspore
import numpy as np
from mindspore import nn, ops


class Net(nn.Cell):  # type: ignore[misc]  # it ships no types
    """Two convolutions, each with a BatchNorm."""

    def __init__(self, *, channels_last: bool = False, **told: Any) -> None:
        super().__init__()
        same = {"pad_mode": "pad", "padding": 1, "has_bias": False}
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, 2, **same), nn.BatchNorm2d(4, **told)
        self.conv2, self.bn2 = nn.Conv2d(4, 6, 3, 1, **same), nn.BatchNorm2d(6)
        self.fc, self.channels_last = nn.Dense(6, 3), channels_last

    def construct(self, x: Any) -> Any:
        """Return what it makes of data."""
        x = self.conv1(x)
        if self.channels_last:
            x = self.bn1(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        else:
            x = self.bn1(x)
        return self.fc(ops.relu(self.bn2(self.conv2(ops.relu(x)))).mean((2, 3)))


def put(parameter: Any, array: Any) -> None:
    """Give a parameter another value."""
    parameter.set_data(mindspore.Tensor(np.ascontiguousarray(array)))


def swapped(one: str, other: str) -> Callable[[Net], None]:
    """Return what loads two arrays of a layer each in the other's place."""

    def change(net: Net) -> None:
        first, second = getattr(net.bn1, one), getattr(net.bn1, other)
        arrays = first.asnumpy().copy(), second.asnumpy().copy()
        put(first, arrays[1])
        put(second, arrays[0])

    return change


def lost(name: str, value: float) -> Callable[[Net], None]:
    """Return what leaves an array of the second layer as in a new one."""
    return lambda net: put(getattr(net.bn2, name), np.full(6, value, np.float32))


def deviation(net: Net) -> None:
    """Load the standard deviation in the variance's place."""
    put(net.bn1.moving_variance, np.sqrt(net.bn1.moving_variance.asnumpy()))


def turned(net: Net) -> None:
    """Load a kernel with height and width in the other's place."""
    put(net.conv2.weight, net.conv2.weight.asnumpy().swapaxes(2, 3))


#: Each mistake: what the layer is told, and what is done to what was loaded.
MISTAKES: dict[str, tuple[dict[str, Any], Callable[[Net], None]]] = {
    "none": ({}, lambda _: None),
    "momentum": ({"momentum": 0.1}, lambda _: None),
    "eps": ({"eps": 1e-3}, lambda _: None),
    "frozen": ({"use_batch_statistics": False}, lambda _: None),
    "batch": ({"use_batch_statistics": True}, lambda _: None),
    "channels_last": ({"channels_last": True}, lambda _: None),
    "statistics": ({}, swapped("moving_mean", "moving_variance")),
    "affine": ({}, swapped("gamma", "beta")),
    "lost_mean": ({}, lost("moving_mean", 0.0)),
    "lost_variance": ({}, lost("moving_variance", 1.0)),
    "lost_beta": ({}, lost("beta", 0.0)),
    "deviation": ({}, deviation),
    "kernel": ({}, turned),
}


def main(script: str) -> None:
    """Record the network with each mistake."""
    spec = importlib.util.spec_from_file_location("record", script)
    record: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]  # it is there
    sys.modules["record"] = record
    spec.loader.exec_module(record)  # type: ignore[union-attr]  # it has one
    framework = record.watching("mindspore")
    state, x = mindspore.load_checkpoint("net.ckpt"), np.load("x.npy")
    for name, (told, change) in MISTAKES.items():
        net = Net(**told)
        mindspore.load_param_into_net(net, state)
        change(net)
        Path(name).mkdir()
        record.save(framework, record.record(framework, net, x), Path(name))


if __name__ == "__main__":
    main(sys.argv[1])
