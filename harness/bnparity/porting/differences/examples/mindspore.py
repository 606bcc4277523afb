# MindSpore
import mindspore
import numpy as np

x = np.linspace(0, 3, 12, dtype=np.float32).reshape(2, 3, 2, 1)
layer = mindspore.nn.BatchNorm2d(3, eps=1e-3, momentum=0.8)
layer.set_train()  # a new layer infers
output = layer(mindspore.Tensor(x)).asnumpy()
kept = getattr(layer, "bn2d", layer)  # BatchNorm3d has its state in a BatchNorm2d
running_mean, running_var = kept.moving_mean.asnumpy(), kept.moving_variance.asnumpy()
layer.set_train(False)
inferred = layer(mindspore.Tensor(x)).asnumpy()

print("training ", output.ravel()[:4].round(4))
print("mean     ", running_mean.round(4))
print("variance ", running_var.round(4))
print("inference", inferred.ravel()[:4].round(4))
