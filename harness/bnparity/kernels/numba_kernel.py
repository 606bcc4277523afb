"""BatchNorm in Numba: the arithmetic of the NumPy kernel, fused into one loop a channel.

The loops are compiled once and kept in Numba's cache beside this file.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels import loops

