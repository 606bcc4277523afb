"""A layer of MindSpore as somebody writes one."""

import mindspore
import numpy as np
from mindspore import Parameter, Tensor, nn, ops


class Norm(nn.Cell):  # type: ignore[misc]  # MindSpore ships no types
    """Its running variance is the batch's biased one."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.9) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        ones, zeros = np.ones(num_features, np.float32), np.zeros(num_features, np.float32)
        self.gamma = Parameter(Tensor(ones), name="gamma")
        self.beta = Parameter(Tensor(zeros), name="beta")
        self.moving_mean = Parameter(Tensor(zeros), name="moving_mean", requires_grad=False)
        self.moving_variance = Parameter(Tensor(ones), name="moving_variance", requires_grad=False)

    def construct(self, x: mindspore.Tensor) -> mindspore.Tensor:
        """Return the normalised data."""
        mean, var = self.moving_mean, self.moving_variance
        if self.training:
            mean = x.mean(0)
            var = ((x - mean) ** 2).mean(0)
            m = self.momentum
            ops.assign(self.moving_mean, m * self.moving_mean + (1 - m) * mean)
            ops.assign(self.moving_variance, m * self.moving_variance + (1 - m) * var)
        return (x - mean) / ops.sqrt(var + self.eps) * self.gamma + self.beta
