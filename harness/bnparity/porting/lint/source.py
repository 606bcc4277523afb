"""A file as the rules see it: its tree, its lines, and the BatchNorm calls in it."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

from bnparity.porting.constructors import Constructor, constructor_at
from bnparity.porting.lint.names import Names, names_of
from bnparity.porting.lint.numbers import number_of

#: A line from 1, and a column in bytes of UTF-8 from 0, as ``ast`` counts.
Place: TypeAlias = tuple[int, int]
Node = TypeVar("Node", bound=ast.AST)

_PARTIALS = ("functools.partial", "functools.partialmethod")


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerCall:
    """A call that makes a BatchNorm, or computes one, with its arguments by parameter.

    More arguments may come later if it is ``open``: it is a partial, or has ``*`` or ``**``.
    ``unknown`` are keywords that the constructor does not have among its known parameters.
    """

    node: ast.Call
    constructor: Constructor
    arguments: Mapping[str, ast.expr]
    unknown: tuple[ast.keyword, ...]
    open: bool

    @property
    def framework(self) -> str:
        """The framework that it is of."""
        return self.constructor.framework

    @property
    def momentum(self) -> ast.expr | None:
        """The argument for the momentum."""
        return self.arguments.get(self.constructor.momentum)

    @property
    def eps(self) -> ast.expr | None:
        """The argument for eps."""
        return self.arguments.get(self.constructor.eps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """A parsed file; ``ported_from`` is the framework that its layers were written for first."""

    text: str
    tree: ast.Module
    ported_from: str | None = None

    @cached_property
    def names(self) -> Names:
        """What its names stand for."""
        return names_of(self.tree)

    @cached_property
    def _nodes(self) -> Mapping[type[ast.AST], list[ast.AST]]:
        nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in ast.walk(self.tree):
            nodes[type(node)].append(node)
        return nodes

    def every(self, kind: type[Node]) -> Iterator[Node]:
        """Yield all nodes of a kind."""
        for node in self._nodes.get(kind, []):
            assert isinstance(node, kind)
            yield node

    @cached_property
    def layers(self) -> tuple[LayerCall, ...]:
        """The calls of BatchNorm constructors and functions, in order."""
        found = [layer for node in self.every(ast.Call) if (layer := self._layer(node))]
        return tuple(sorted(found, key=lambda layer: (layer.node.lineno, layer.node.col_offset)))

    @cached_property
    def layer_at(self) -> Mapping[ast.AST, LayerCall]:
        """Those calls by their node."""
        return {layer.node: layer for layer in self.layers}

    def of(self, *frameworks: str) -> Iterator[LayerCall]:
        """Yield the layers of these frameworks."""
        return (layer for layer in self.layers if layer.framework in frameworks)

    def calls_method(self, *names: str) -> Iterator[ast.Call]:
        """Yield the calls of something's method of one of these names."""
        for call in self.every(ast.Call):
            if isinstance(call.func, ast.Attribute) and call.func.attr in names:
                yield call

    def path(self, node: ast.expr) -> str:
        """Return the dotted path that an expression names, ``""`` if none is known."""
        return self.names.path(node)

    def constructor(self, node: ast.expr) -> Constructor | None:
        """Return the BatchNorm that an expression names."""
        if found := constructor_at(self.path(node)):
            return found
        starred = (constructor_at(path) for path in self.names.starred(node))
        return next((found for found in starred if found), None)

    def number(self, node: ast.expr | None) -> float | None:
        """Return the number that an expression is, through names of constants; None if unknown."""
        return None if node is None else number_of(node, self.names)

    def is_constant(self, node: ast.expr | None, value: object) -> bool:
        """Return whether an expression is written as this constant."""
        return isinstance(node, ast.Constant) and node.value is value

    def _layer(self, node: ast.Call) -> LayerCall | None:
        if (made := self.constructor(node.func)) is not None:
            return _call(node, made, node.args, later=False)
        if node.args and self.path(node.func) in _PARTIALS:
            made = self.constructor(node.args[0])
            return None if made is None else _call(node, made, node.args[1:], later=True)
        base = self._base_of(node)
        return None if base is None else _call(node, base, node.args, later=False)

    def _base_of(self, node: ast.Call) -> Constructor | None:
        """Return the constructor that ``super().__init__(...)`` is in a class made of one."""
        made = self._initialised_in.get(node)
        return self.constructor(made.bases[0]) if made is not None else None

    @cached_property
    def _initialised_in(self) -> Mapping[ast.AST, ast.ClassDef]:
        return {
            node: made
            for made in self.every(ast.ClassDef)
            if made.bases and self.constructor(made.bases[0])
            for node in ast.walk(made)
            if isinstance(node, ast.Call) and _is_super_init(node.func)
        }


def _is_super_init(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "__init__"
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "super"
    )


def _call(node: ast.Call, made: Constructor, args: list[ast.expr], *, later: bool) -> LayerCall:
    starred = any(isinstance(arg, ast.Starred) for arg in args)
    positional = [] if starred else args
    named = [k for k in node.keywords if k.arg is not None]
    known = {made.eps, made.momentum, *made.parameters}
    return LayerCall(
        node=node,
        constructor=made,
        arguments={
            **dict(zip(made.parameters, positional, strict=False)),
            **{str(keyword.arg): keyword.value for keyword in named},
        },
        unknown=tuple(keyword for keyword in named if keyword.arg not in known),
        open=later or starred or len(named) < len(node.keywords),
    )
