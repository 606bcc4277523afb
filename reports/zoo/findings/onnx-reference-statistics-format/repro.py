"""ONNX's reference evaluator: running statistics come out in the format of the data.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

names, kinds = list("xsbmv"), [TensorProto.FLOAT16] * 3 + [TensorProto.FLOAT] * 2
node = helper.make_node("BatchNormalization", names, ["y", "rm", "rv"], training_mode=1)
inputs = [
    helper.make_tensor_value_info(n, k, [None] * (2 if n == "x" else 1))
    for n, k in zip(names, kinds, strict=True)
]
outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT16, [None, None])]
outputs += [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None]) for n in ("rm", "rv")]
graph = helper.make_graph([node], "graph", inputs, outputs)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
one, zero = np.ones(1, np.float32), np.zeros(1, np.float32)
halves = {"x": np.float16([[1000], [3000]]), "s": np.float16([1]), "b": np.float16([0])}
y, mean, var = ReferenceEvaluator(model).run(None, {**halves, "m": zero, "v": one})
expected, got = "float32", mean.dtype.name
print("format of running_mean:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
