"""The local kernels: BatchNorm in NumPy, Numba and Triton, under the contract of a plain function.

May import `backends`, for formats and for PyTorch's tensors; frameworks inside functions only.
"""

from bnparity.kernels.outputs import average
from bnparity.kernels.phases import (
    Moments,
    Normalized,
    Sums,
    added,
    grad_input,
    merged,
    moments,
    normalize,
    sums,
)
