"""What mindspore.nn.BatchNorm1d, BatchNorm2d and SyncBatchNorm share; BatchNorm3d has one."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels import Moments, Sums, moments
from bnparity.layers import mindspore_checks as check
from bnparity.layers.computation import (
    Gradients,
    Parameters,
    Pass,
    apply,
    propagate,
    sums_of,
    update,
)

Array = NDArray[Any]

#: The attributes that hold the state, in the order and with the names in which they are saved.
STATE = {"moving_mean": "mean", "moving_variance": "variance", "gamma": "gamma", "beta": "beta"}


class BatchNorm:
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
        self._trains = check.trainable(affine)
        self.beta = check.parameter("beta_init", beta_init, *of)
        self.momentum = 1.0 - momentum
        self.training = False
        self._eps, self._share, self._channels_last = eps, self.momentum, data_format == "NHWC"
        self._done: Pass | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a parameter is an array."""
        if name in STATE:
            check.assignable(name, value)
        super().__setattr__(name, value)

    def __call__(self, x: Array) -> Array:
        """Return ``construct(x)``."""
        return self.construct(x)

    @np.errstate(all="ignore")
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
        own = self.batch_moments(x)
        return self.normalized(x, None if own is None else self.merged(own))

    def batch_moments(self, x: Array) -> Moments | None:
        """Return the moments of `x` where the batch's statistics serve.

        The first phase of a forward pass: `x` is looked at.
        """
        check.rank(x, self._ranks)
        training = self._is_training()
        check.settings(self._eps, self._share, training=training)
        data = self._channels_second(x)
        check.arrays(data, self._parameters(), training=training)
        return moments(data) if training else None

    def merged(self, own: Moments) -> Moments:
        """Return the moments to normalise with: of this batch alone, its `own`."""
        return own

    def normalized(self, x: Array, batch: Moments | None) -> Array:
        """Return the output; the last phase of a forward pass, with the moments that serve."""
        given = Parameters(
            weight=self.gamma,
            bias=self.beta,
            running_mean=self.moving_mean,
            running_var=self.moving_variance,
        )
        output, self._done = apply(self._channels_second(x), batch, given, eps=float(self._eps))
        if batch is not None:
            update(given, batch, float(self._share))
        return self._as_given(output)

    @np.errstate(all="ignore")
    def backward(self, grad_output: Array) -> Gradients:
        """Return the gradients by the input of the last call, and by gamma and beta if they train.

        Raises
        ------
        RuntimeError
            If there was no call.
        ValueError
            If `grad_output` has not the shape of its output.
        """
        own = self.grad_sums(grad_output)
        return self.gradients(grad_output, own, self.added(own))

    def grad_sums(self, grad_output: Array) -> Sums:
        """Return the sums of `grad_output` over this batch; the first phase of a backward pass."""
        grad = self._channels_second(grad_output)
        return sums_of(grad, check.backward(grad, self._done))

    def added(self, own: Sums) -> Sums:
        """Return the sums over all values that the statistics came from: this batch's `own`."""
        return own

    def gradients(self, grad_output: Array, own: Sums, total: Sums) -> Gradients:
        """Return the gradients; the last phase of a backward pass."""
        grad = self._channels_second(grad_output)
        found = propagate(grad, check.backward(grad, self._done), own, total)
        return Gradients(
            grad_input=self._as_given(found.grad_input),
            grad_weight=found.grad_weight if self._trains else None,
            grad_bias=found.grad_bias if self._trains else None,
        )

    def set_train(self, mode: bool = True) -> Self:  # noqa: FBT002  # the signature is MindSpore's
        """Switch to training, or to inference; return the layer."""
        self.training = mode
        return self

    def parameters_dict(self) -> OrderedDict[str, Array]:
        """Return the state by the names under which it is saved; the arrays, no copies."""
        return self.saved_as(STATE)

    def saved_as(self, names: Mapping[str, str]) -> OrderedDict[str, Array]:
        """Return the arrays under other `names`, but for a parameter that was set to None."""
        present = ((saved, getattr(self, name)) for name, saved in names.items())
        return OrderedDict((saved, array) for saved, array in present if array is not None)

    def trainable_params(self) -> list[Array]:
        """Return gamma and beta if they train; the arrays, no copies."""
        return [self.gamma, self.beta] if self._trains else []

    def _parameters(self) -> dict[str, Array]:
        return {name: getattr(self, name) for name in STATE}

    def _is_training(self) -> bool:
        told = self.use_batch_statistics
        return bool(self.training if told is None else told)

    def _channels_second(self, x: Array) -> Array:
        return np.moveaxis(x, -1, 1) if self._channels_last and np.ndim(x) > 1 else x

    def _as_given(self, x: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if self._channels_last else x

    def __repr__(self) -> str:
        said = f"num_features={self.num_features}, eps={self.eps}, momentum={1.0 - self.momentum}"
        return f"{type(self).__name__}({said}, data_format={self.format!r})"
