"""mindspore.nn.BatchNorm1d, BatchNorm2d and BatchNorm3d on the local kernel: NumPy in, NumPy out.

Names, defaults, modes, state and refusals are those of MindSpore 2.10 on the CPU. An array stands
for a Tensor and a Parameter; a format of NumPy's, or its name, for a ``mindspore.dtype``.

Where the layers differ, on purpose:

- ``data_format="NHWC"`` is computed, channels last in data of 3 axes too; MindSpore has it on GPUs.
- Random initialisers (``"normal"``) are refused with NotImplementedError.
- Parameters of float16 work: MindSpore's never move their statistics.
- Of an empty batch the statistics are 0 / 0; MindSpore takes whatever the memory holds.
- A state is loaded by exact names; MindSpore also guesses at missing prefixes.

As with MindSpore, eps, momentum and data_format count as they were given to the constructor;
setting the attributes later changes nothing. What use_batch_statistics and training say, counts.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels.phases import Moments, Sums, moments
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
from bnparity.layers.mindspore_state import loaded

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Gradients", "load_param_into_net"]

Array = NDArray[Any]

#: The attributes that hold the state, in the order and with the names in which they are saved.
_STATE = {"moving_mean": "mean", "moving_variance": "variance", "gamma": "gamma", "beta": "beta"}


class _BatchNorm:
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
        if name in _STATE:
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
        return OrderedDict((saved, getattr(self, name)) for name, saved in _STATE.items())

    def trainable_params(self) -> list[Array]:
        """Return gamma and beta if they train; the arrays, no copies."""
        return [self.gamma, self.beta] if self._trains else []

    def _parameters(self) -> dict[str, Array]:
        return {name: getattr(self, name) for name in _STATE}

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


class BatchNorm1d(_BatchNorm):
    """mindspore.nn.BatchNorm1d: data ``(N, C)`` or ``(N, C, L)``.

    Examples
    --------
    >>> net = BatchNorm1d(1).set_train()
    >>> net(np.array([[1.0], [3.0]], np.float32)).round(4).ravel()
    array([-1.,  1.], dtype=float32)
    >>> net.moving_mean
    array([0.2], dtype=float32)
    """

    _ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """mindspore.nn.BatchNorm2d: data ``(N, C, H, W)``, or ``(N, H, W, C)``.

    Examples
    --------
    >>> BatchNorm2d(3)
    BatchNorm2d(num_features=3, eps=1e-05, momentum=0.9, data_format='NCHW')
    """

    _ranks = (4,)


class BatchNorm3d:
    """mindspore.nn.BatchNorm3d: data ``(N, C, D, H, W)``, which a BatchNorm2d sees flat.

    The parameters are those of the other layers, without data_format; the state is that of
    ``bn2d``, which is the BatchNorm2d.

    Examples
    --------
    >>> list(BatchNorm3d(3).parameters_dict())
    ['bn2d.moving_mean', 'bn2d.moving_variance', 'bn2d.gamma', 'bn2d.beta']
    """

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
        dtype: Any = np.float32,
    ) -> None:
        self.bn2d = BatchNorm2d(
            num_features,
            eps,
            momentum,
            affine,
            gamma_init,
            beta_init,
            moving_mean_init,
            moving_var_init,
            use_batch_statistics,
            "NCHW",
            dtype,
        )
        self.training = False

    def __call__(self, x: Array) -> Array:
        """Return ``construct(x)``."""
        return self.construct(x)

    def construct(self, x: Array) -> Array:
        """Return what BatchNorm2d makes of `x`, in the shape of `x`; it raises what that raises."""
        check.rank(x, (5,))
        return self.bn2d(_flat(x)).reshape(x.shape)

    def backward(self, grad_output: Array) -> Gradients:
        """Return the gradients of the last call, as BatchNorm2d does."""
        check.rank(grad_output, (5,))
        found = self.bn2d.backward(_flat(grad_output))
        return Gradients(
            grad_input=found.grad_input.reshape(grad_output.shape),
            grad_weight=found.grad_weight,
            grad_bias=found.grad_bias,
        )

    def set_train(self, mode: bool = True) -> Self:  # noqa: FBT002  # the signature is MindSpore's
        """Switch to training, or to inference; return the layer."""
        self.training = mode
        self.bn2d.set_train(mode)
        return self

    def parameters_dict(self) -> OrderedDict[str, Array]:
        """Return the state by the names under which it is saved; the arrays, no copies."""
        return OrderedDict((f"bn2d.{name}", getattr(self.bn2d, name)) for name in _STATE)

    def trainable_params(self) -> list[Array]:
        """Return gamma and beta if they train; the arrays, no copies."""
        return self.bn2d.trainable_params()

    def __repr__(self) -> str:
        return f"BatchNorm3d(\n  (bn2d): {self.bn2d!r}\n)"


def load_param_into_net(
    net: _BatchNorm | BatchNorm3d,
    parameter_dict: Mapping[str, Array],
    strict_load: bool = False,  # noqa: FBT002  # the signature is MindSpore's
    remove_redundancy: bool = False,  # noqa: FBT002  # the same
) -> tuple[list[str], list[str]]:
    """Copy arrays into the state of `net`, as ``mindspore.load_param_into_net`` does.

    Parameters
    ----------
    net
        A layer of this module.
    parameter_dict
        A dict of arrays by the names of ``net.parameters_dict()``.
    strict_load
        Refuse another floating-point format; otherwise it is converted.
    remove_redundancy
        Concerns checkpoints of several devices; here it changes nothing.

    Returns
    -------
    param_not_load, ckpt_not_load
        The names that only the layer has, and those that only `parameter_dict` has.

    Raises
    ------
    TypeError
        If an argument is of another type than these.
    RuntimeError
        If an array has another shape or a format that is not converted. Those before it are loaded.
    """
    if not isinstance(net, _BatchNorm | BatchNorm3d):
        raise TypeError(f"net is of type {type(net).__name__}: give a layer of mindspore_api")
    if not isinstance(remove_redundancy, bool):
        raise TypeError(f"remove_redundancy={remove_redundancy!r}: give True or False")
    return loaded(net.parameters_dict(), parameter_dict, strict_load=strict_load)


def _flat(x: Array) -> Array:
    """Return ``x`` (N, C, D, H, W) as (N, C, D * H, W)."""
    n, c, d, h, w = x.shape
    return x.reshape(n, c, d * h, w)
