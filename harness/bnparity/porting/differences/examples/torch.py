# PyTorch
import numpy as np
import torch

x = np.linspace(0, 3, 12, dtype=np.float32).reshape(2, 3, 2, 1)
layer = torch.nn.BatchNorm2d(3, eps=1e-3, momentum=0.2)
output = layer(torch.from_numpy(x)).detach().numpy()  # a new layer trains
running_mean, running_var = layer.running_mean.numpy().copy(), layer.running_var.numpy().copy()
layer.eval()
inferred = layer(torch.from_numpy(x)).detach().numpy()

print("training ", output.ravel()[:4].round(4))
print("mean     ", running_mean.round(4))
print("variance ", running_var.round(4))
print("inference", inferred.ravel()[:4].round(4))
