# "Comparing the differences with torch.nn.BatchNorm3d", MindSpore documentation master, MindSpore
from mindspore import Tensor, nn
import numpy as np

m = nn.BatchNorm3d(num_features=2, momentum=0.9)
m.set_train()
# BatchNorm3d<
#   (bn2d): BatchNorm2d
#   >
input_x = Tensor(np.array([[[[[0.1, 0.2], [0.3, 0.4]]],
                            [[[0.9, 1], [1.1, 1.2]]]]]).astype(np.float32))
output = m(input_x)
print(output)
# [[[[[-1.3411044  -0.44703478]
#     [ 0.4470349   1.3411044 ]]]
#
#
#   [[[-1.3411039  -0.44703427]
#     [ 0.44703534  1.341105  ]]]]]
