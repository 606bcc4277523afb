"""The ResNet-18 and the MobileNetV2 of `torch_nets`, in Keras."""

from typing import Any

import keras
from inverted_residuals import ROWS  # type: ignore[import-not-found]  # a neighbour of this script
from keras import layers, ops


def norm(x: Any) -> Any:
    """Return normalised data, with PyTorch's eps and momentum."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def conv(x: Any, outer: int, size: int, stride: int = 1) -> Any:
    """Return the convolution of data that are padded by half its size."""
    padded = layers.ZeroPadding2D(size // 2)(x)
    return layers.Conv2D(outer, size, stride, use_bias=False)(padded)


def basic(x: Any, outer: int, stride: int) -> Any:
    """Return what a block makes of data."""
    y = layers.ReLU()(norm(conv(x, outer, 3, stride)))
    y = norm(conv(y, outer, 3))
    if stride > 1 or x.shape[-1] != outer:
        x = norm(conv(x, outer, 1, stride))
    return layers.ReLU()(layers.Add()([y, x]))


def inverted(x: Any, outer: int, stride: int, wider: int) -> Any:
    """Return what a block makes of data."""
    y = layers.ReLU(6.0)(norm(conv(x, x.shape[-1] * wider, 1)))
    padded = layers.ZeroPadding2D(1)(y)
    y = layers.DepthwiseConv2D(3, stride, use_bias=False)(padded)
    y = norm(conv(layers.ReLU(6.0)(norm(y)), outer, 1))
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == outer else y


def resnet18(width: int = 4) -> Any:
    """Return eight blocks behind a convolution."""
    data = keras.Input((32, 32, 3))
    x = layers.ReLU()(norm(conv(data, width, 7, 2)))
    x = layers.MaxPooling2D(2)(x)
    for stage in range(4):
        x = basic(x, width * 2**stage, 1 + (stage > 0))
        x = basic(x, width * 2**stage, 1)
    return keras.Model(data, layers.Dense(5)(ops.mean(x, (1, 2))))


def mobilenet_v2() -> Any:
    """Return seventeen blocks between two convolutions."""
    data = keras.Input((32, 32, 3))
    x = layers.ReLU(6.0)(norm(conv(data, 4, 3, 2)))
    for wider, outer, times, stride in ROWS:
        for place in range(times):
            x = inverted(x, outer, 1 if place else stride, wider)
    x = layers.ReLU(6.0)(norm(conv(x, 24, 1)))
    return keras.Model(data, layers.Dense(5)(ops.mean(x, (1, 2))))
