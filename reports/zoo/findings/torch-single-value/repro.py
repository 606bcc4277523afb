"""PyTorch: one operation refuses a single value, the one below it returns NaN.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import numpy as np
import torch

var = torch.ones(3)
torch.batch_norm(torch.zeros(1, 3), None, None, torch.zeros(3), var, True, 0.1, 1e-5, False)
expected, got = "an error, or a number", float(var[0])
print(f"expected {expected}, got {got}")
sys.exit(bool(np.isnan(got)))
