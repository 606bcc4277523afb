"""What mindspore.nn.BatchNorm1d, BatchNorm2d and SyncBatchNorm share; BatchNorm3d has one."""

from collections import OrderedDict
from typing import Any, Self

import numpy as np

from bnparity.backends import Array
from bnparity.kernels import Moments
from bnparity.layers import mindspore_checks as check
from bnparity.layers.layer import Layer, Parameters, apply, update

#: The attributes that hold the state, in the order and with the names in which they are saved.
STATE = {"moving_mean": "mean", "moving_variance": "variance", "gamma": "gamma", "beta": "beta"}


class BatchNorm(Layer):
    """What the layers share.

    Parameters
    ----------
    num_features
        C, the number of channels.
    eps
        Added to the variance, in (0, 1]; looked at when the layer is called.
    momentum
        The old value's share in the moving statistics, in [0, 1]. The attribute is 1 - momentum.
    affine
        Whether gamma and beta train. They are there, and take part, all the same.
    gamma_init, beta_init, moving_mean_init, moving_var_init
        ``"ones"`` or ``"zeros"``, a number, or an array ``(C,)``, which keeps its format.
    use_batch_statistics
        True trains and False infers, whatever the mode; None follows it.
    data_format
        ``"NCHW"`` or ``"NHWC"``.
    dtype
        The format of parameters and statistics.

    Raises
    ------
    TypeError
        If `num_features` is not an int, `momentum` no number, `affine` no bool, `dtype` no format
        or an initialiser nothing of the above.
    ValueError
        If a value is outside its range, a name unknown, or an array of another shape.
    NotImplementedError
        If an initialiser is random.
    """

    _ranks: tuple[int, ...]
    _arrays = STATE
    _assignable = "an array"
    _misfit = (ValueError, "the output's (channels second)")
    moving_mean: Array
    moving_variance: Array
    gamma: Array
    beta: Array

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.9,
        affine: bool = True,  # noqa: FBT002  # the signature is MindSpore's
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        moving_mean_init: Any = "zeros",
        moving_var_init: Any = "ones",
        use_batch_statistics: bool | None = None,
        data_format: str = "NCHW",
        dtype: Any = np.float32,
    ) -> None:
        check.arguments(num_features, momentum, data_format, use_batch_statistics)
        self.format = data_format
        self.use_batch_statistics = use_batch_statistics
        self.num_features = num_features
        self.eps = eps
        self.gamma_init, self.beta_init = gamma_init, beta_init
        self.moving_mean_init, self.moving_var_init = moving_mean_init, moving_var_init
        of = (num_features, dtype)
        self.moving_mean = check.parameter("moving_mean_init", moving_mean_init, *of)
        self.moving_variance = check.parameter("moving_var_init", moving_var_init, *of)
        self.gamma = check.parameter("gamma_init", gamma_init, *of)
        self._trains = check.flag("affine", affine)
        self.beta = check.parameter("beta_init", beta_init, *of)
        self.momentum = 1.0 - momentum
        self.training = False
        self._eps, self._share, self._channels_last = eps, self.momentum, data_format == "NHWC"

    def __call__(self, x: Array) -> Array:
        """Return ``construct(x)``."""
        return self.construct(x)

    def construct(self, x: Array) -> Array:
        """Return the normalised `x`, in its shape and format.

        In training the moving statistics move, in place.

        Raises
        ------
        TypeError
            If `x` is no array of float16 or float32, the parameters are not all of one of these,
            or eps or momentum is not a float.
        ValueError
            If `x` is not of the layer's rank or has other channels, or eps is outside (0, 1].
        """
        return self._passed(x)

    def _admitted(self, x: Array) -> bool:
        check.rank(x, self._ranks)
        training = self._is_training()
        check.settings(self._eps, self._share, training=training)
        parameters = {name: getattr(self, name) for name in STATE}
        check.arrays(self._channels_second(x), parameters, training=training)
        return training

    def normalized(self, x: Array, batch: Moments | None) -> Array:
        """End a forward pass; in training move the statistics."""
        given = Parameters(self.gamma, self.beta, self.moving_mean, self.moving_variance)
        output, self._done = apply(self._channels_second(x), batch, given, eps=float(self._eps))
        if batch is not None:
            update(given, batch, float(self._share))
        return self._as_given(output)

    def set_train(self, mode: bool = True) -> Self:  # noqa: FBT002  # the signature is MindSpore's
        """Switch to training, or to inference; return the layer."""
        self.training = mode
        return self

    def parameters_dict(self) -> OrderedDict[str, Array]:
        """Return the state by the names under which it is saved; the arrays, no copies."""
        return OrderedDict((STATE[name], array) for name, array in self.present(STATE))

    def trainable_params(self) -> list[Array]:
        """Return gamma and beta if they train; the arrays, no copies."""
        return [self.gamma, self.beta] if self._trains else []

    def _is_training(self) -> bool:
        told = self.use_batch_statistics
        return bool(self.training if told is None else told)

    def __repr__(self) -> str:
        said = f"num_features={self.num_features}, eps={self.eps}, momentum={1.0 - self.momentum}"
        return f"{type(self).__name__}({said}, data_format={self.format!r})"
