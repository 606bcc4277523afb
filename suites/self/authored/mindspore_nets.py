"""The ResNet-18 and the MobileNetV2 of `torch_nets`, in MindSpore."""

from typing import Any

from inverted_residuals import ROWS  # type: ignore[import-not-found]  # a neighbour of this script
from mindspore import nn, ops


def conv(inner: int, outer: int, size: int, stride: int = 1, group: int = 1) -> Any:
    """Return a convolution that pads by half its size."""
    return nn.Conv2d(
        inner, outer, size, stride, pad_mode="pad", padding=size // 2, group=group, has_bias=False
    )


class Basic(nn.Cell):  # type: ignore[misc]  # it ships no types
    """Two convolutions and what goes past them."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inner, outer, 3, stride), nn.BatchNorm2d(outer)
        self.conv2, self.bn2 = conv(outer, outer, 3), nn.BatchNorm2d(outer)
        self.past = None
        if stride > 1 or inner != outer:
            self.past = nn.SequentialCell(conv(inner, outer, 1, stride), nn.BatchNorm2d(outer))

    def construct(self, x: Any) -> Any:
        """Return what it makes of data."""
        y = ops.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return ops.relu(y + (x if self.past is None else self.past(x)))


class ResNet18(nn.Cell):  # type: ignore[misc]  # it ships no types
    """Eight blocks behind a convolution."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(3, width, 7, 2), nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(2, 2)
        blocks, inner = [], width
        for stage in range(4):
            outer = width * 2**stage
            blocks += [Basic(inner, outer, 1 + (stage > 0)), Basic(outer, outer, 1)]
            inner = outer
        self.blocks = nn.SequentialCell(*blocks)
        self.fc = nn.Dense(inner, 5)

    def construct(self, x: Any) -> Any:
        """Return what it makes of data."""
        x = self.pool(ops.relu(self.bn1(self.conv1(x))))
        return self.fc(self.blocks(x).mean((2, 3)))


class Inverted(nn.Cell):  # type: ignore[misc]  # it ships no types
    """Wider within: a convolution of one pixel, one of each channel alone, and one back."""

    def __init__(self, inner: int, outer: int, stride: int, wider: int) -> None:
        super().__init__()
        wide = inner * wider
        self.expand, self.bn1 = conv(inner, wide, 1), nn.BatchNorm2d(wide)
        self.depth, self.bn2 = conv(wide, wide, 3, stride, wide), nn.BatchNorm2d(wide)
        self.project, self.bn3 = conv(wide, outer, 1), nn.BatchNorm2d(outer)
        self.adds = stride == 1 and inner == outer

    def construct(self, x: Any) -> Any:
        """Return what it makes of data."""
        y = ops.relu6(self.bn1(self.expand(x)))
        y = ops.relu6(self.bn2(self.depth(y)))
        y = self.bn3(self.project(y))
        return x + y if self.adds else y


class MobileNetV2(nn.Cell):  # type: ignore[misc]  # it ships no types
    """Seventeen blocks between two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(3, 4, 3, 2), nn.BatchNorm2d(4)
        blocks, inner = [], 4
        for wider, outer, times, stride in ROWS:
            for place in range(times):
                blocks.append(Inverted(inner, outer, 1 if place else stride, wider))
                inner = outer
        self.blocks = nn.SequentialCell(*blocks)
        self.conv2, self.bn2 = conv(inner, 24, 1), nn.BatchNorm2d(24)
        self.fc = nn.Dense(24, 5)

    def construct(self, x: Any) -> Any:
        """Return what it makes of data."""
        x = ops.relu6(self.bn1(self.conv1(x)))
        x = ops.relu6(self.bn2(self.conv2(self.blocks(x))))
        return self.fc(x.mean((2, 3)))
