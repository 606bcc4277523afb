"""A BatchNormalization node in ONNX Runtime on the CPU, by its opset."""

from dataclasses import replace
from typing import Any

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array
from bnparity.backends.libraries.library import Library
from bnparity.backends.libraries.nodes import by_opset, node_backend


def _load(model: bytes) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def _run(session: Any, feeds: dict[str, Array]) -> list[Array]:
    return list(session.run(None, feeds))


def _backend(opset: int) -> Adapted:
    return replace(node_backend(_load, _run, opset), dtypes=("float32", "float64"))


BACKEND = Library(
    package="onnxruntime",
    environment="onnx",
    ways=by_opset(_backend),
)
