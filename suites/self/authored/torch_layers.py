"""Layers of PyTorch in the shapes in which people write them."""

import torch
from torch import Tensor
from torch.nn.functional import batch_norm

__all__ = ["Affine", "Centred", "Frozen", "Ghost", "Renamed", "batch_norm", "instance", "made"]


class Affine(torch.nn.Module):
    """Written from the paper; its running variance is the batch's biased one."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(num_features))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised data."""
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var, self.momentum)
        x = (x - mean[:, None, None]) / torch.sqrt(var[:, None, None] + self.eps)
        return x * self.weight[:, None, None] + self.bias[:, None, None]


class Centred(torch.nn.Module):
    """Without parameters, for data of any rank."""

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised data."""
        mean, var = self.running_mean, self.running_var
        if self.training:
            rows = x.transpose(0, 1).flatten(1)
            mean, var = rows.mean(1), rows.var(1, unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(rows.var(1), self.momentum)
        column = (-1,) + (1,) * (x.ndim - 2)
        return (x - mean.view(column)) / torch.sqrt(var.view(column) + self.eps)


class Frozen(torch.nn.Module):
    """As detectors have it: all of its state are buffers, and none of it ever moves."""

    def __init__(self, n: int) -> None:
        super().__init__()
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, torch.full((n,), float(value)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised data."""
        weight, bias, mean, var = (
            self.get_buffer(name).reshape(1, -1, 1, 1)
            for name in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) * (var + 1e-5).rsqrt() * weight + bias


class Ghost(torch.nn.Module):
    """Parts of the batch are normalised by themselves, by a layer within."""

    def __init__(self, input_size: int, momentum: float = 0.1) -> None:
        super().__init__()
        self.bn = torch.nn.BatchNorm1d(input_size, momentum=momentum)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised data."""
        return torch.cat([self.bn(part) for part in x.tensor_split(max(len(x) // 2, 1))])


class Renamed(torch.nn.Module):
    """With other names, all of four axes, its statistics plain tensors: as a textbook has it."""

    def __init__(self, num_features: int, epsilon: float = 1e-5, decay: float = 0.1) -> None:
        super().__init__()
        shape = (1, num_features, 1, 1)
        self.epsilon, self.decay = epsilon, decay
        self.gamma = torch.nn.Parameter(torch.ones(shape))
        self.beta = torch.nn.Parameter(torch.zeros(shape))
        self.moving_mean, self.moving_var = torch.zeros(shape), torch.ones(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised data."""
        mean, var = self.moving_mean, self.moving_var
        if self.training:
            mean = x.mean((0, 2, 3), keepdim=True)
            var = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
            n = x.numel() / x.shape[1]
            self.moving_mean = torch.lerp(self.moving_mean, mean.detach(), self.decay)
            self.moving_var = torch.lerp(self.moving_var, var.detach() * n / (n - 1), self.decay)
        return self.gamma * (x - mean) / torch.sqrt(var + self.epsilon) + self.beta


class Unnamed(torch.nn.Module):
    """Without parameters, its statistics under names that say nothing."""

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.first: Tensor
        self.second: Tensor
        self.register_buffer("first", torch.zeros(num_features))
        self.register_buffer("second", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised data."""
        return (x - self.first) / torch.sqrt(self.second + self.eps)


#: A layer that is there already, and a function that makes one.
instance = torch.nn.BatchNorm2d(3)


def made(channels: int) -> torch.nn.Module:
    """Return a layer that can only be made with the number of channels."""
    return torch.nn.BatchNorm1d(channels)
