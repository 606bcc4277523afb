"""ONNX's reference evaluator: opset 9 normalises by statistics that it has blended.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

names = list("xsbmv")
node = helper.make_node("BatchNormalization", names, ["y"])
shapes = [[None, None], *[[None]] * 4]
inputs = [
    helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
    for n, s in zip(names, shapes, strict=True)
]
output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, None])
graph = helper.make_graph([node], "graph", inputs, [output])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=8)
one, zero = np.ones(1, np.float32), np.zeros(1, np.float32)
feeds = {"x": np.float32([[1], [3]]), "s": one, "b": zero, "m": zero, "v": one}
(y,) = ReferenceEvaluator(model).run(None, feeds)
expected, got = 0.999995, float(y[0, 0])
print("first output:")
print(f"expected {expected}, got {got}")
sys.exit(bool(abs(got - expected) > 1e-3))
