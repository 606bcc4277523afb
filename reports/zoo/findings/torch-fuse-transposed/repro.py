"""PyTorch: a transposed convolution in groups cannot be fused.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import torch

conv = torch.nn.ConvTranspose2d(4, 6, 3, groups=2).eval()
norm = torch.nn.BatchNorm2d(6).eval()
expected, got = "a fused module", ""
try:
    torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm, transpose=True)
except RuntimeError as error:
    got = f"RuntimeError: {error}"
print(f"expected {expected}, got {got}")
sys.exit(bool(got))
