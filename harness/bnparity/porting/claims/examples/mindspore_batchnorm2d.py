# "Differences with torch.nn.BatchNorm2d", MindSpore documentation master, MindSpore's part
from mindspore import Tensor, nn
import numpy as np

m = nn.BatchNorm2d(num_features=3, momentum=0.9)
m.set_train()
# BatchNorm2d
input_ms = Tensor(np.array([[[[0.1, 0.2], [0.3, 0.4]],
                             [[0.5, 0.6], [0.7, 0.8]],
                             [[0.9, 1], [1.1, 1.2]]]]).astype(np.float32))
output = m(input_ms)
print(output)
# [[[[-1.3411045  -0.4470348 ]
#    [ 0.44703496  1.3411045 ]]
#
#   [[-1.341105   -0.4470351 ]
#    [ 0.44703424  1.3411041 ]]
#
#   [[-1.3411034  -0.44703388]
#    [ 0.44703573  1.3411053 ]]]]
