# "Comparing the function of torch.nn.BatchNorm2d", MindSpore documentation r1.10, MindSpore's part
import numpy as np
import mindspore.nn as nn
import mindspore as ms

net = nn.BatchNorm2d(num_features=2, momentum=0.8)
x = ms.Tensor(np.array([[[[1, 2], [1, 2]], [[3, 4], [3, 4]]]]).astype(np.float32))
output = net(x)
print(output)
# [[[[0.999995   1.99999]
#    [0.999995   1.99999]]
#
#   [[2.999985   3.99998]
#    [2.999985   3.99998]]]]
