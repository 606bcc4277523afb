"""The networks in Keras, asked in its own interpreter: run as a script in a folder.

``like`` writes NAME.like.weights.h5 of new networks, and one as MobileNetV2.like.keras; ``run``
loads NAME.weights.h5 and writes what the network makes of x.npy to NAME.keras.npy, and to
MobileNetV2.whole.npy what the one makes that MobileNetV2.keras holds.
"""

import os
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "numpy"  # which compiles nothing
import keras
import keras_nets  # type: ignore[import-not-found]  # a neighbour of this script
import numpy as np


def main(command: str) -> None:
    """Ask both networks."""
    nets = {"ResNet18": keras_nets.resnet18, "MobileNetV2": keras_nets.mobilenet_v2}
    for name, make in nets.items():
        net = make()
        if command == "like":
            net.save_weights(f"{name}.like.weights.h5")
        else:
            net.load_weights(f"{name}.weights.h5")
            run(net, f"{name}.keras.npy")
    if command == "like":
        net.save("MobileNetV2.like.keras")
    else:
        run(keras.models.load_model("MobileNetV2.keras"), "MobileNetV2.whole.npy")


def run(net: Any, out: str) -> None:
    """Write what a network makes of the data."""
    x = np.moveaxis(np.load("x.npy"), 1, -1)
    np.save(out, net.predict(x, verbose=0))


if __name__ == "__main__":
    main(sys.argv[1])
