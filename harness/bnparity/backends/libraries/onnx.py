"""A BatchNormalization node in ONNX's reference evaluator, by its opset."""

from dataclasses import replace
from typing import Any

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array
from bnparity.backends.libraries.library import Library
from bnparity.backends.libraries.nodes import by_opset, node_backend


def _load(model: bytes) -> Any:
    import onnx
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(onnx.load_model_from_string(model))


def _run(evaluator: Any, feeds: dict[str, Array]) -> list[Array]:
    return list(evaluator.run(None, feeds))


def _backend(opset: int) -> Adapted:
    return replace(node_backend(_load, _run, opset), dtypes=("float32", "float64", "float16"))


BACKEND = Library(
    package="onnx",
    environment="onnx",
    ways=by_opset(_backend),
)
