"""A model of one BatchNormalization node, as ONNX has it in each of its opsets."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array, Call, Outputs

_INPUTS = ("x", "weight", "bias", "running_mean", "running_var")
#: From here on the attribute training_mode says what the outputs behind the first are.
_HAS_MODE = 14

#: From a model's bytes to what runs it.
Loader = Callable[[bytes], Any]


def by_opset(backend: Callable[[int], Adapted]) -> dict[str, Callable[[], Adapted]]:
    """Return the backend of the latest opset with a change of the node, and those before it."""
    before = {f"opset={opset}": partial(backend, opset) for opset in (9, _HAS_MODE)}
    return {"": partial(backend, 15), **before}


def node_backend(
    load: Loader, run: Callable[[Any, dict[str, Array]], list[Array]], opset: int
) -> Adapted:
    """Return the backend of a node, whose model `load` makes ready and `run` answers with."""
    loaded = lru_cache(maxsize=256)(load)

    def answer(call: Call) -> Outputs:
        arrays = [getattr(call, name) for name in _INPUTS]
        if any(array is None for array in arrays):
            raise NotImplementedError("a node has weight, bias and statistics always")
        if opset < _HAS_MODE and call.training:
            raise NotImplementedError(f"opset {opset} has no mode in which it trains")
        bytes_of_model = _model(call, opset, tuple(array.dtype.name for array in arrays))
        feeds = {n: np.ascontiguousarray(a) for n, a in zip(_INPUTS, arrays, strict=True)}
        results = run(loaded(bytes_of_model), feeds)
        named = dict(zip(("output", "running_mean", "running_var"), results, strict=False))
        return {name: np.asarray(array) for name, array in named.items()}

    return Adapted(
        answer=answer,
        taken_for=f"a BatchNormalization node of opset {opset}; data are copied",
        dialect="onnx",
        dtypes=("float32",),
        outputs=("output", "running_mean", "running_var")[: 3 if opset >= _HAS_MODE else 1],
        affines=("both",),
        tracked=(True,),
        degenerate=True,
    )


def _model(call: Call, opset: int, formats: tuple[str, ...]) -> bytes:
    from onnx import helper

    attributes: dict[str, Any] = {"epsilon": call.eps, "momentum": call.momentum}
    if opset >= _HAS_MODE:
        attributes["training_mode"] = int(call.training)
    outputs = ["y", "mean", "var"] if call.training else ["y"]
    node = helper.make_node(
        "BatchNormalization",
        list(_INPUTS),
        outputs,
        **attributes,
    )
    types = [helper.np_dtype_to_tensor_dtype(np.dtype(name)) for name in formats]
    wide = [None] * call.x.ndim
    shapes = [wide, *[[None]] * 4]
    inputs = [
        helper.make_tensor_value_info(name, kind, shape)
        for name, kind, shape in zip(_INPUTS, types, shapes, strict=True)
    ]
    kinds = [types[0], types[3], types[4]]
    made = [
        helper.make_tensor_value_info(name, kind, shape)
        for name, kind, shape in zip(outputs, kinds, [wide, [None], [None]], strict=False)
    ]
    graph = helper.make_graph([node], "batch_norm", inputs, made)
    opsets = [helper.make_opsetid("", opset)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())
