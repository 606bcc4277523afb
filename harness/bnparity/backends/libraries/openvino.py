"""BatchNormInference of OpenVINO on the CPU, which has no training."""

from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Call, Outputs
from bnparity.backends.libraries.library import Library


def _answer(call: Call) -> Outputs:
    import openvino
    from openvino import opset13 as ops

    arrays = (call.x, call.weight, call.bias, call.running_mean, call.running_var)
    if call.training:
        raise NotImplementedError("OpenVINO has inference alone")
    if any(array is None for array in arrays):
        raise NotImplementedError("BatchNormInference has weight, bias and statistics always")
    inputs = [ops.parameter(a.shape, a.dtype) for a in arrays if a is not None]
    node = ops.batch_norm_inference(*inputs, epsilon=call.eps)
    model = openvino.Model([node], inputs, "batch_norm")
    precise: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.compile_model(model, "CPU", precise)
    feeds = [np.ascontiguousarray(a) for a in arrays if a is not None]
    return {"output": np.array(compiled(feeds)[0])}


def _backend() -> Adapted:
    return Adapted(
        answer=_answer,
        taken_for="the operation BatchNormInference; data are copied",
        dialect="onnx",
        dtypes=("float32",),
        outputs=("output",),
        affines=("both",),
        tracked=(True,),
    )


BACKEND = Library(
    package="openvino",
    environment="onnx",
    ways={"": _backend},
    said={"compiles": "shape", "degenerate": True},
)
