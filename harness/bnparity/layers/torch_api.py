"""torch.nn.BatchNorm1d to 3d and SyncBatchNorm on the local kernel: NumPy in, NumPy out.

Names, defaults, modes, state and refusals are those of PyTorch 2.13 on the CPU. An array stands for
a tensor, a parameter and a buffer; a format of NumPy's, or its name, for a ``torch.dtype``.

Where PyTorch accepts what makes no sense, the layers do not: ``num_features`` as a list, parameters
of a format that BatchNorm does not compute in, integers that are no values at all. And data without
values are computed with no channels too, where PyTorch raises an IndexError.
"""

from bnparity.layers.layer import Gradients
from bnparity.layers.torch_layer import BatchNorm
from bnparity.layers.torch_sync import SyncBatchNorm

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Gradients", "SyncBatchNorm"]


class BatchNorm1d(BatchNorm):
    """torch.nn.BatchNorm1d: data ``(N, C)`` or ``(N, C, L)``.

    Examples
    --------
    >>> import numpy as np
    >>> layer = BatchNorm1d(1)
    >>> layer(np.array([[1.0], [3.0]], np.float32)).round(4).ravel()
    array([-1.,  1.], dtype=float32)
    >>> layer.running_mean
    array([0.2], dtype=float32)
    """

    _ranks = (2, 3)


class BatchNorm2d(BatchNorm):
    """torch.nn.BatchNorm2d: data ``(N, C, H, W)``.

    Examples
    --------
    >>> BatchNorm2d(3)
    BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    _ranks = (4,)


class BatchNorm3d(BatchNorm):
    """torch.nn.BatchNorm3d: data ``(N, C, D, H, W)``.

    Examples
    --------
    >>> import numpy as np
    >>> BatchNorm3d(1).backward(np.zeros((1, 1, 1, 1, 1)))
    Traceback (most recent call last):
    RuntimeError: backward: there was no forward call to go back through
    """

    _ranks = (5,)
