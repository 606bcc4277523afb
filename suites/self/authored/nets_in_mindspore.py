"""The networks in MindSpore, asked in its own interpreter: run as a script in a folder.

Loads NAME.ckpt and writes what it makes of x.npy to NAME.out.npy; then trains for a few steps and
writes NAME.trained.ckpt, and what it then makes to NAME.trained.npy.
"""

from typing import Any

import mindspore
import mindspore_nets  # type: ignore[import-not-found]  # a neighbour of this script
import numpy as np


def train(net: Any, x: Any) -> None:
    """Take two steps, so that nothing is as it was loaded."""
    net.set_train()
    optimizer = mindspore.nn.SGD(net.trainable_params(), 0.01)
    step = mindspore.value_and_grad(
        lambda data: (net(data) ** 2).mean(), None, optimizer.parameters
    )
    for _ in range(2):
        optimizer(step(x)[1])


def main() -> None:
    """Ask both networks."""
    mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
    x = mindspore.Tensor(np.load("x.npy"))
    for name in ("ResNet18", "MobileNetV2"):
        net = getattr(mindspore_nets, name)()
        # Each network has the names that it is ported to; of ours one count a layer is left over.
        missing, _ = mindspore.load_param_into_net(net, mindspore.load_checkpoint(f"{name}.ckpt"))
        assert missing == [], missing
        np.save(f"{name}.out.npy", net(x).asnumpy())
        train(net, x)
        net.set_train(mode=False)
        mindspore.save_checkpoint(net, f"{name}.trained.ckpt")
        np.save(f"{name}.trained.npy", net(x).asnumpy())


if __name__ == "__main__":
    main()
