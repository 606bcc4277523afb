"""How near the results of one network in two frameworks have to be: as near as rounding allows.

No BatchNorm alone is compared, which has a bound of its own, but a whole network of PyTorch's.
"""

from copy import deepcopy
from typing import Any

import numpy as np
import torch


def assert_as_near_as_rounding(net: Any, x: Any, got: Any) -> None:
    """Check that `got` is as near to what `net` makes of `x` as a few roundings of all would be."""
    exact, moved = made(net, x), made(rounded(net), np.nextafter(x, np.float32(np.inf)))
    assert np.abs(got - exact).max() <= 32 * np.abs(moved - exact).max()


def made(net: Any, x: Any) -> Any:
    """Return what a network makes of data in inference."""
    with torch.no_grad():
        return net.eval()(torch.from_numpy(x)).numpy()


def rounded(net: Any) -> Any:
    """Return a copy of a network with each parameter a rounding larger or smaller, in turn."""
    copy = deepcopy(net)
    with torch.no_grad():
        for parameter in copy.parameters():
            up = torch.arange(parameter.numel()).reshape(parameter.shape) % 2 == 0
            towards = torch.where(up, torch.inf, -torch.inf)
            parameter.copy_(torch.nextafter(parameter, towards))
    return copy
