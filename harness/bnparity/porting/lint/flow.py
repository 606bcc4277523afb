"""Which layer is called with what: followed through assignments, in the order of the lines."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bnparity.porting.lint.source import LayerCall, Source

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
#: The calls that something of a name was assigned, in order.
_Made: TypeAlias = Mapping[str, list[ast.Call]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fed:
    """A call of a BatchNorm layer, and the expression that its data come from.

    ``before`` is the call that made the layer which returned them, where just one has that name.
    """

    node: ast.Call
    layer: LayerCall
    data: ast.expr
    before: ast.Call | None


def _made_in(owner: ast.AST) -> _Made:
    """Return the calls by the name or the ``self.name`` that a class or a module gives them."""
    made: dict[str, list[ast.Call]] = {}
    for node in ast.walk(owner):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            name = _written(node.targets[0])
            if name:
                made.setdefault(name, []).append(node.value)
    return made


def _written(node: ast.expr) -> str:
    """Return ``name`` or ``self.name`` of an expression that is one of these, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"self.{node.attr}" if node.value.id == "self" else ""
    return ""


def fed(source: Source) -> Iterator[Fed]:
    """Yield the calls of layers that were made in the same class or module."""
    if not source.layers:
        return
    owners: list[ast.ClassDef | ast.Module] = [*source.every(ast.ClassDef), source.tree]
    for owner in owners:
        made = _made_in(owner)
        functions = [node for node in owner.body if isinstance(node, _FUNCTIONS)]
        plain = [node for node in owner.body if not isinstance(node, _DEFINITIONS)]
        for body in (plain, *(function.body for function in functions)):
            yield from _fed_in(source, body, made)


def _fed_in(source: Source, body: list[ast.stmt], made: _Made) -> Iterator[Fed]:
    """Yield the calls in statements, with names replaced by what was assigned to them last."""
    last: dict[str, ast.expr] = {}
    for node in _in_order(body):
        if isinstance(node, ast.Call) and node.args:
            layer = source.layer_at.get(_maker(node.func, made))
            if layer is not None:
                data = _whence(node.args[0], last)
                before = made.get(_called(data), [])
                only = before[0] if len(before) == 1 else None
                yield Fed(node=node, layer=layer, data=data, before=only)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            last[node.targets[0].id] = _whence(node.value, last)


def _maker(function: ast.expr, made: _Made) -> ast.AST:
    """Return the call that made the layer that is called, the function itself if none did."""
    return made.get(_written(function), [function])[-1]


def _called(node: ast.expr) -> str:
    """Return the name of what an expression calls, nothing if it calls none."""
    return _written(node.func) if isinstance(node, ast.Call) else ""


def _whence(node: ast.expr, last: Mapping[str, ast.expr]) -> ast.expr:
    return last.get(node.id, node) if isinstance(node, ast.Name) else node


def _in_order(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the calls and assignments of statements, each assignment behind what it is made of."""
    waiting: list[tuple[ast.AST, bool]] = [(node, False) for node in reversed(body)]
    while waiting:
        node, done = waiting.pop()
        if done:
            yield node
            continue
        waiting.append((node, True))
        waiting += [(child, False) for child in reversed(list(ast.iter_child_nodes(node)))]
