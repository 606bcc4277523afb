"""A small network in PyTorch, after a few steps of training."""

from typing import Any

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    """Two convolutions, each with a BatchNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 6, 3, 1, 1, bias=False), nn.BatchNorm2d(6)
        self.fc = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> Any:
        """Return what it makes of data."""
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.fc(torch.relu(self.bn2(self.conv2(x))).mean((2, 3)))


def data() -> Any:
    """Return data for the network."""
    return np.random.default_rng(1).standard_normal((6, 3, 8, 8)).astype(np.float32)


def net() -> Net:
    """Return the network, of which nothing is as in a new one."""
    torch.manual_seed(0)
    made = Net()
    for parameter in made.parameters():
        nn.init.normal_(parameter, 0.1, 0.5)
    for _ in range(3):
        made(2 * torch.randn(6, 3, 8, 8) + 1)
    return made
