"""PyTorch: running statistics of no element crash the process.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import subprocess
import sys

crash = """
import torch
nothing = torch.zeros(0)
torch.native_batch_norm(torch.zeros(4, 3), None, None, nothing, nothing, True, 0.1, 1e-5)
"""
done = subprocess.run([sys.executable, "-c", crash], capture_output=True, check=False)
expected, got = "a message", done.returncode
print(f"expected {expected}, got {got}")
sys.exit(bool(got < 0))
