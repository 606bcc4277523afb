"""mindspore.nn.BatchNorm1d to 3d and SyncBatchNorm on the local kernel: NumPy in, NumPy out.

Names, defaults, modes, state and refusals are those of MindSpore 2.10 on the CPU. An array stands
for a Tensor and a Parameter; a format of NumPy's, or its name, for a ``mindspore.dtype``.

Where the layers differ, on purpose:

- ``data_format="NHWC"`` is computed, channels last in data of 3 axes too; MindSpore has it on GPUs.
- Random initialisers (``"normal"``) are refused with NotImplementedError.
- Parameters of float16 work: MindSpore's never move their statistics.
- Of an empty batch the statistics are 0 / 0; MindSpore takes whatever the memory holds.
- A state is loaded by exact names and shapes; MindSpore also guesses at missing prefixes, and lets
  in ``(C, 1)``, after which every call is refused.
- Moving statistics of another shape are refused; in training MindSpore moves as many as there are.

As with MindSpore, eps, momentum and data_format count as they were given to the constructor;
setting the attributes later changes nothing. What use_batch_statistics and training say, counts.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from bnparity.backends import Array
from bnparity.layers import mindspore_checks as check
from bnparity.layers import ranks
from bnparity.layers.layer import Gradients
from bnparity.layers.mindspore_layer import STATE, BatchNorm

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Gradients",
    "SyncBatchNorm",
    "load_param_into_net",
]


class BatchNorm1d(BatchNorm):
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


class BatchNorm2d(BatchNorm):
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
        inits = (gamma_init, beta_init, moving_mean_init, moving_var_init)
        self.bn2d = BatchNorm2d(
            num_features, eps, momentum, affine, *inits, use_batch_statistics, "NCHW", dtype
        )
        self.training = False

    def __call__(self, x: Array) -> Array:
        """Return ``construct(x)``."""
        return self.construct(x)

    def construct(self, x: Array) -> Array:
        """Return what BatchNorm2d makes of `x`, in the shape of `x`; it raises what that raises."""
        return self.bn2d(_flat(x)).reshape(x.shape)

    def backward(self, grad_output: Array) -> Gradients:
        """Return the gradients of the last call, as BatchNorm2d does."""
        found = self.bn2d.backward(_flat(grad_output))
        return replace(found, grad_input=found.grad_input.reshape(grad_output.shape))

    def set_train(self, mode: bool = True) -> Self:  # noqa: FBT002  # the signature is MindSpore's
        """Switch to training, or to inference; return the layer."""
        self.training = mode
        self.bn2d.set_train(mode)
        return self

    def parameters_dict(self) -> OrderedDict[str, Array]:
        """Return the state by the names under which it is saved; the arrays, no copies."""
        return OrderedDict((f"bn2d.{name}", array) for name, array in self.bn2d.present(STATE))

    def trainable_params(self) -> list[Array]:
        """Return gamma and beta if they train; the arrays, no copies."""
        return self.bn2d.trainable_params()

    def __repr__(self) -> str:
        return f"BatchNorm3d(\n  (bn2d): {self.bn2d!r}\n)"


class SyncBatchNorm(ranks.Replica, BatchNorm):
    """mindspore.nn.SyncBatchNorm: data ``(N, C)`` or ``(N, C, H, W)``, a shard on each rank.

    Where the statistics come from the batch they come from all that the ranks of a group hold.
    Shards may be empty. Gradients by gamma and beta are the rank's own share.

    MindSpore 2.10 on the CPU works for ranks that are alone in their group, and refuses others:
    without `process_groups` in the constructor, with them in the call. Here these work.

    Parameters
    ----------
    num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init, \
use_batch_statistics, dtype
        As for `BatchNorm1d`.
    process_groups
        Lists of ranks that synchronise with each other. A rank that is in none of them, or alone
        in its own, does not synchronise. None is all ranks; 0, which MindSpore does not document,
        is none.

    Raises
    ------
    TypeError
        If a rank in `process_groups` is not an int.
    ValueError
        If `process_groups` is no list of lists, a rank is not one of the world's or is in twice.

    Examples
    --------
    >>> world = ranks.in_process(4)
    >>> groups = [[0, 1], [2, 3]]
    >>> replicas = [
    ...     SyncBatchNorm.on(rank)(1, process_groups=groups).set_train() for rank in world
    ... ]
    >>> outputs = ranks.forward(replicas, [np.full((1, 1), x, "f4") for x in (1, 3, 50, 70)])
    >>> [float(output[0, 0].round(3)) for output in outputs]
    [-1.0, 1.0, -1.0, 1.0]
    """

    _ranks = (2, 4)

    #: All ranks, as this one sees them; None if it knows of no other.
    world: ClassVar[ranks.Group | None] = None

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
        process_groups: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        inits = (gamma_init, beta_init, moving_mean_init, moving_var_init)
        super().__init__(
            num_features, eps, momentum, affine, *inits, use_batch_statistics, "NCHW", dtype
        )
        self.process_groups = process_groups
        self._group = self._group_of(process_groups)

    @classmethod
    def on(cls, world: ranks.Group) -> type[Self]:
        """Return the class for rank `world.rank` of `world`: MindSpore's asks its process."""
        return type(cls.__name__, (cls,), {"world": world, "__doc__": cls.__doc__})

    def _group_of(self, process_groups: Any) -> ranks.Group | None:
        """Return the ranks to synchronise with; None for all that are called together."""
        if process_groups is None:
            return self.world
        world = self.world or ranks.in_process(1)[0]
        own = [world.rank]
        if process_groups != 0:
            check.groups(process_groups, world.size)
            own = next((group for group in process_groups if world.rank in group), own)
        return world.subgroup(own)

    def _admitted(self, x: Array) -> bool:
        self.synchronised = self._is_training()
        return super()._admitted(x)


def load_param_into_net(
    net: BatchNorm | BatchNorm3d,
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
    if not isinstance(net, BatchNorm | BatchNorm3d):
        raise TypeError(f"net is of type {type(net).__name__}: give a layer of mindspore_api")
    check.flag("remove_redundancy", remove_redundancy)
    check.state(parameter_dict)
    check.flag("strict_load", strict_load)
    own = net.parameters_dict()
    for name, array in own.items():
        if name in parameter_dict:
            check.loadable(name, array, parameter_dict[name], strict=strict_load)
            array[...] = parameter_dict[name]
    return [n for n in own if n not in parameter_dict], [n for n in parameter_dict if n not in own]


def _flat(x: Array) -> Array:
    """Return ``x`` (N, C, D, H, W) as (N, C, D * H, W); refuse other axes."""
    check.rank(x, (5,))
    n, c, d, h, w = x.shape
    return x.reshape(n, c, d * h, w)
