"""PyTorch: batch_norm under vmap asserts on half data with float32 parameters.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import numpy as np
import torch

x = torch.from_numpy(np.ones((2, 1), np.float16))
mean, var = torch.zeros(1), torch.ones(1)
expected = torch.nn.functional.batch_norm(x, mean, var).dtype
got = ""
try:
    of_one = torch.func.vmap(torch.nn.functional.batch_norm)
    got = of_one(x[None], mean[None], var[None])[0].dtype
except RuntimeError as error:
    got = str(error).partition(" at ")[0]
print("format of the output under vmap:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
