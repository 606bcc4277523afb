"""Numbers in source: literals, arithmetic of them, and names of constants."""

import ast
import operator
from collections.abc import Callable, Mapping

from bnparity.porting.lint.names import Names

_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_DEEPEST = 8


def number_of(node: ast.expr, names: Names, depth: int = 0) -> float | None:
    """Return the number that an expression is; None if it is none, or not known."""
    if depth > _DEEPEST:
        return None
    if isinstance(node, ast.Constant):
        return _of_constant(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = number_of(node.operand, names, depth + 1)
        return None if value is None else -value
    if isinstance(node, ast.BinOp):
        return _of_two(node, names, depth + 1)
    if isinstance(node, ast.Name):
        bound = names.bound(node)
        return number_of(bound, names, depth + 1) if isinstance(bound, ast.expr) else None
    return None


def _of_constant(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _of_two(node: ast.BinOp, names: Names, depth: int) -> float | None:
    one, other = number_of(node.left, names, depth), number_of(node.right, names, depth)
    operation = _OPERATIONS.get(type(node.op))
    if one is None or other is None or operation is None:
        return None
    try:
        return operation(one, other)
    except (ZeroDivisionError, OverflowError):
        return None
