"""PyTorch: gradients of batch_norm are those of other channels where strides leave the format open.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import torch

# One image of 1 by 2 pixels and 2 channels, which comes channels last: ones in the first channel.
image = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
grad_output = image.permute(2, 0, 1).unsqueeze(0)
x = torch.tensor([[[[0.0, 1.0]], [[0.0, 1.0]]]], requires_grad=True)
bias = torch.zeros(2, requires_grad=True)
output = torch.nn.functional.batch_norm(x, None, None, None, bias, training=True)
output.backward(grad_output)
expected = grad_output.sum((0, 2, 3)).tolist()
got = bias.grad.tolist() if bias.grad is not None else []
print(f"gradient by the bias, of grad_output with strides {grad_output.stride()}:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
