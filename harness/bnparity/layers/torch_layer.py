"""What torch.nn.BatchNorm1d, BatchNorm2d, BatchNorm3d and SyncBatchNorm share."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from bnparity.backends import Array
from bnparity.kernels import Moments
from bnparity.layers import torch_checks as check
from bnparity.layers.layer import Layer, Parameters, apply, update

#: Parameters and buffers in the order in which they are saved, with what they start from.
_FRESH_PARAMETERS = {"weight": 1, "bias": 0}
_FRESH_BUFFERS = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0}
#: PyTorch's name and version for states that have a num_batches_tracked.
_METADATA, _VERSION = "_metadata", 2


class IncompatibleKeys(NamedTuple):
    """The names that only the layer has, and those that only the state has."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class BatchNorm(Layer):
    """What the layers share.

    Parameters
    ----------
    num_features
        C, the number of channels.
    eps
        Added to the variance: above 0 where the batch's statistics serve, else at least 0.
    momentum
        The batch's share in the running statistics. None averages over all batches.
    affine
        Whether there are a weight and a bias.
    track_running_stats
        Whether there are running statistics. Without, the batch's serve in inference too.
    device
        ``"cpu"`` or None: NumPy has no other.
    dtype
        The format of parameters and statistics: float32 if None.
    bias
        Whether there is a bias besides the weight.

    Raises
    ------
    TypeError
        If `num_features` is not a whole number, `device` no device or `dtype` no format.
    RuntimeError
        If `num_features` is negative, `device` is not the CPU or `dtype` is not floating-point.
    """

    _ranks: tuple[int, ...]
    _arrays = frozenset({*_FRESH_PARAMETERS, *_FRESH_BUFFERS})
    _assignable = "an array or None"
    _misfit = (RuntimeError, "the output's")

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,  # noqa: FBT002  # the signature is PyTorch's
        track_running_stats: bool = True,  # noqa: FBT002  # the same
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.training = True
        self.weight: Array | None = None
        self.bias: Array | None = None
        self.running_mean: Array | None = None
        self.running_var: Array | None = None
        self.num_batches_tracked: Array | None = None
        if affine or track_running_stats:  # or else nobody looks at them
            check.device(device)
            shape, format_ = check.features(num_features), check.dtype(dtype)
        if affine:
            self.weight = np.ones(shape, format_)
            self.bias = np.zeros(shape, format_) if bias else None
        if track_running_stats:
            self.running_mean, self.running_var = np.zeros(shape, format_), np.ones(shape, format_)
            self.num_batches_tracked = np.array(0, np.int64)

    def __call__(self, input: Array) -> Array:  # noqa: A002  # PyTorch's name
        """Return ``forward(input)``."""
        return self.forward(input)

    def forward(self, input: Array) -> Array:  # noqa: A002  # PyTorch's name
        """Return the normalised `input`, ``(N, C, *spatial)``, in its format.

        In training the running statistics move, in place, and the batch is counted; so it is if
        the layer then refuses it for anything but its rank.

        Raises
        ------
        ValueError
            If `input` is not of the layer's rank or has one value per channel, of which there are
            no statistics; if eps is too small; or if one running statistic is missing.
        RuntimeError
            If the channels or the formats of `input`, parameters and statistics do not match.
        TypeError
            If eps or momentum is not a number.
        NotImplementedError
            If `input` is not floating-point.
        AttributeError
            If `input` is not an array.
        """
        return self._passed(input)

    def _admitted(self, x: Array) -> bool:
        check.rank(x, self._ranks)
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked[...] += 1
        from_batch = self.training or (self.running_mean is None and self.running_var is None)
        if from_batch:
            self._check_batch(x)
        check.settings(self.eps, self.momentum, from_batch=from_batch)
        check.arrays(x, self._given(), from_batch=from_batch)
        return from_batch

    def _check_batch(self, x: Array) -> None:
        check.batch_size(x)

    def normalized(self, x: Array, batch: Moments | None) -> Array:
        """End a forward pass; in training move the statistics, but by an empty batch."""
        given = self._given()
        output, self._done = apply(x, batch, given, eps=float(self.eps))
        if self.training and batch is not None and batch.count:
            update(given, batch, self._share())
        return output

    def _given(self) -> Parameters:
        """Return the arrays that take part: in training, statistics only if they are tracked."""
        serve = not self.training or self.track_running_stats
        mean, var = (self.running_mean, self.running_var) if serve else (None, None)
        return Parameters(self.weight, self.bias, mean, var)

    def _share(self) -> float:
        """Return the batch's share in the running statistics."""
        if self.momentum is not None:
            return float(self.momentum)
        if self.num_batches_tracked is None or not self.track_running_stats:
            return 0.0  # what it has not counted PyTorch cannot average
        return 1.0 / float(self.num_batches_tracked)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT002  # the signature is PyTorch's
        """Switch to training, or to inference; return the layer.

        Raises
        ------
        ValueError
            If `mode` is not a bool.
        """
        if not isinstance(mode, bool):
            raise ValueError(f"mode={mode!r}: give True or False")  # noqa: TRY004  # PyTorch's type
        self.training = mode
        return self

    def eval(self) -> Self:
        """Switch to inference; return the layer."""
        return self.train(False)

    def named_parameters(self) -> Iterator[tuple[str, Array]]:
        """Yield name and array of what trains; the array itself, no copy."""
        return self.present(_FRESH_PARAMETERS)

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield name and array of the other state; the array itself, no copy."""
        return self.present(_FRESH_BUFFERS)

    def state_dict(self) -> OrderedDict[str, Array]:
        """Return parameters and buffers by name; the arrays themselves, no copies."""
        state = OrderedDict([*self.named_parameters(), *self.named_buffers()])
        setattr(state, _METADATA, OrderedDict({"": {"version": _VERSION}}))
        return state

    def load_state_dict(
        self,
        state_dict: Mapping[str, Array],
        strict: bool = True,  # noqa: FBT002  # the signature is PyTorch's
    ) -> IncompatibleKeys:
        """Copy arrays into the layer's own; return the names that only one side has.

        What fits is copied even if something else does not.

        Raises
        ------
        TypeError
            If `state_dict` is no mapping.
        RuntimeError
            If an array has another shape or is none, or, if `strict`, a name is only on one side.
        """
        own, given = self.state_dict(), state_dict
        if not isinstance(given, Mapping):
            raise TypeError(f"state_dict is of type {type(given).__name__}: give names and arrays")
        version = getattr(given, _METADATA, {}).get("", {}).get("version", 1)
        if self.track_running_stats and int(version) < _VERSION:
            # It may be older than the count: the own one serves, or 0, even if that is refused.
            count = own.get("num_batches_tracked", np.array(0))
            given = {"num_batches_tracked": count, **given}
        missing = [name for name in own if name not in given]
        unexpected = [name for name in given if name not in own]
        both = [name for name in own if name in given]
        wrong = [said for name in both if (said := check.copied(name, own[name], given[name]))]
        if strict:
            wrong += [f"{name} is missing in state_dict" for name in missing]
            has = ", ".join(own)
            wrong += [f"{name} is unexpected: the layer has {has}" for name in unexpected]
        if wrong:
            raise RuntimeError(f"state_dict does not fit {type(self).__name__}: {'; '.join(wrong)}")
        return IncompatibleKeys(missing, unexpected)

    def reset_running_stats(self) -> None:
        """Set mean and count to 0, the variance to 1, if the statistics are tracked.

        Raises
        ------
        AttributeError
            If they are to be tracked, but one is None.
        """
        if self.track_running_stats:
            for name, fresh in _FRESH_BUFFERS.items():
                buffer = getattr(self, name)
                if buffer is None:
                    raise AttributeError(f"{name}=None: there is nothing to reset; give an array")
                buffer[...] = fresh

    def reset_parameters(self) -> None:
        """Reset the running statistics; set the weight to 1 and the bias to 0."""
        self.reset_running_stats()
        if self.affine:
            for name, parameter in self.named_parameters():
                parameter[...] = _FRESH_PARAMETERS[name]

    def extra_repr(self) -> str:
        """Return the arguments as PyTorch prints them."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.extra_repr()})"
