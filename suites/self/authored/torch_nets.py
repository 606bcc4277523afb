"""A ResNet-18 and a MobileNetV2 of few channels, in PyTorch."""

from typing import Any

import torch
from torch import nn

from authored.inverted_residuals import ROWS


class Basic(nn.Module):
    """Two convolutions and what goes past them."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inner, outer, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outer)
        self.past = None
        if stride > 1 or inner != outer:
            self.past = nn.Sequential(
                nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer)
            )

    def forward(self, x: torch.Tensor) -> Any:
        """Return what it makes of data."""
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.past is None else self.past(x)))


class ResNet18(nn.Module):
    """Eight blocks behind a convolution."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        sizes = [width * 2**stage for stage in range(4)]
        blocks, inner = [], width
        for stage, outer in enumerate(sizes):
            blocks += [Basic(inner, outer, 1 + (stage > 0)), Basic(outer, outer, 1)]
            inner = outer
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(inner, 5)

    def forward(self, x: torch.Tensor) -> Any:
        """Return what it makes of data."""
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        return self.fc(self.blocks(x).mean((2, 3)))


class Inverted(nn.Module):
    """Wider within: a convolution of one pixel, one of each channel alone, and one back."""

    def __init__(self, inner: int, outer: int, stride: int, wider: int) -> None:
        super().__init__()
        wide = inner * wider
        self.expand = nn.Conv2d(inner, wide, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(wide)
        self.depth = nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False)
        self.bn2 = nn.BatchNorm2d(wide)
        self.project = nn.Conv2d(wide, outer, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outer)
        self.adds = stride == 1 and inner == outer

    def forward(self, x: torch.Tensor) -> Any:
        """Return what it makes of data."""
        y = nn.functional.relu6(self.bn1(self.expand(x)))
        y = nn.functional.relu6(self.bn2(self.depth(y)))
        y = self.bn3(self.project(y))
        return x + y if self.adds else y


class MobileNetV2(nn.Module):
    """Seventeen blocks between two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        blocks, inner = [], 4
        for wider, outer, times, stride in ROWS:
            for place in range(times):
                blocks.append(Inverted(inner, outer, 1 if place else stride, wider))
                inner = outer
        self.blocks = nn.Sequential(*blocks)
        self.conv2 = nn.Conv2d(inner, 24, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(24)
        self.fc = nn.Linear(24, 5)

    def forward(self, x: torch.Tensor) -> Any:
        """Return what it makes of data."""
        x = nn.functional.relu6(self.bn1(self.conv1(x)))
        x = nn.functional.relu6(self.bn2(self.conv2(self.blocks(x))))
        return self.fc(x.mean((2, 3)))


def trained(net: nn.Module, steps: int = 3) -> nn.Module:
    """Return a network after a few steps of training on random data, so that nothing is fresh."""
    torch.manual_seed(0)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = net(2 * torch.randn(4, 3, 32, 32) + 1).square().mean()
        loss.backward()
        optimizer.step()
    return net
