"""What a name in a file stands for: imports with their aliases, by scope; no code is run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

#: How many aliases of aliases are followed.
_DEEPEST = 8
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_BRANCHES = (ast.If, ast.Try, ast.Match, ast.For, ast.While)


@dataclass(frozen=True, kw_only=True)
class Binding:
    """What a name is bound to from a line on: a dotted path, an expression, a class, or unknown.

    A binding in a branch is not ``sure``: another may hold.
    """

    line: int
    to: str | ast.expr | ast.ClassDef | None
    sure: bool


@dataclass(kw_only=True, eq=False)
class Scope:
    """The names of a module, a class or a function."""

    outer: "Scope | None" = None
    of_class: bool = False
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def bind(
        self, name: str, to: str | ast.expr | ast.ClassDef | None, line: int, sure: bool
    ) -> None:
        """Add what a name stands for from this line on."""
        self.bindings.setdefault(name, []).append(Binding(line=line, to=to, sure=sure))

    def found(self, name: str, line: int) -> "tuple[Scope, Binding] | None":
        """Return what a name stands for at a line, in this scope or one around it."""
        bound = self.bindings.get(name, [])
        before = [b for b in bound if b.line <= line]
        if before:
            return self, before[-1] if _agree(before) else Binding(line=0, to=None, sure=True)
        outer = self.outer
        return outer.found(name, 10**9) if outer is not None else None

    def every_star(self) -> Iterator[str]:
        """Yield the modules of which all names were imported, here or around."""
        yield from self.stars
        if self.outer is not None:
            yield from self.outer.every_star()


def _agree(bindings: list[Binding]) -> bool:
    """Return whether the last binding holds: nothing else may, or it says the same."""
    last = bindings[-1]
    return last.sure or all(b.to == last.to for b in bindings)


@dataclass(frozen=True, kw_only=True, eq=False)
class Names:
    """The scopes of a file, by the node that is looked up."""

    scopes: dict[ast.AST, Scope]

    def path(self, node: ast.expr) -> str:
        """Return the dotted path of what an expression names, ``""`` if that is not known."""
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return ""
        root = self._root(inner)
        return ".".join([root, *reversed(parts)]) if root else ""

    def starred(self, node: ast.expr) -> Iterator[str]:
        """Yield what an unbound name may be by ``from module import *``."""
        scope = self.scopes.get(node)
        if isinstance(node, ast.Name) and scope and scope.found(node.id, node.lineno) is None:
            yield from (f"{module}.{node.id}" for module in scope.every_star())

    def bound(self, node: ast.Name) -> str | ast.expr | ast.ClassDef | None:
        """Return what a name is bound to where it stands."""
        scope = self.scopes.get(node)
        found = scope.found(node.id, node.lineno) if scope is not None else None
        return found[1].to if found is not None else None

    def _root(self, node: ast.Name, depth: int = 0) -> str:
        to = self.bound(node)
        if isinstance(to, str):
            return to
        if isinstance(to, ast.ClassDef):
            to = _parent(to)
        if isinstance(to, ast.Attribute):
            return self.path(to) if depth < _DEEPEST and not _within(node, to) else ""
        if isinstance(to, ast.Name) and depth < _DEEPEST and to is not node:
            return self._root(to, depth + 1)
        return ""


def _within(node: ast.Name, expression: ast.expr) -> bool:
    """Return whether an alias is made of the same name, which would never end."""
    return any(isinstance(n, ast.Name) and n.id == node.id for n in ast.walk(expression))


def _parent(made: ast.ClassDef) -> ast.expr | None:
    """Return the base whose constructor a class has; None if it has one of its own."""
    own = any(
        isinstance(s, ast.FunctionDef) and s.name in ("__init__", "__new__") for s in made.body
    )
    return made.bases[0] if made.bases and not own else None


def names_of(tree: ast.Module) -> Names:
    """Return what the names in a module stand for."""
    scopes: dict[ast.AST, Scope] = {}
    waiting: list[tuple[ast.AST, Scope, bool]] = [(tree, Scope(), True)]
    while waiting:
        node, scope, sure = waiting.pop()
        scopes[node] = scope
        _bind(node, scope, sure)
        inner = _inner(node, scope)
        branch = sure and not isinstance(node, _BRANCHES)
        sure = True if inner is not scope else branch
        waiting += [(child, inner, sure) for child in reversed(list(ast.iter_child_nodes(node)))]
    return Names(scopes=scopes)


def _inner(node: ast.AST, scope: Scope) -> Scope:
    """Return the scope of what is inside a node; methods do not see the names of their class."""
    if isinstance(node, ast.ClassDef):
        return Scope(outer=scope, of_class=True)
    if isinstance(node, _FUNCTIONS):
        return Scope(outer=scope.outer if scope.of_class else scope)
    return scope


def _bind(node: ast.AST, scope: Scope, sure: bool) -> None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        _import(node, scope, sure)
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        scope.bind(node.targets[0].id, node.value, _end(node), sure)
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        scope.bind(node.target.id, node.value, _end(node), sure)
    elif isinstance(node, ast.ClassDef):
        scope.bind(node.name, node, node.lineno, sure)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        scope.bind(node.name, None, node.lineno, sure)
    elif isinstance(node, ast.arg):
        scope.bind(node.arg, None, 0, sure)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        _store(node, scope, sure)


def _store(node: ast.Name, scope: Scope, sure: bool) -> None:
    """Bind a name to something unknown, unless it is the target of an assignment just bound."""
    last = scope.bindings.get(node.id, [])
    if not last or last[-1].line < node.lineno:
        scope.bind(node.id, None, node.lineno, sure)


def _end(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) + 1


def _import(node: ast.Import | ast.ImportFrom, scope: Scope, sure: bool) -> None:
    for alias in node.names:
        if isinstance(node, ast.Import):
            root = alias.name.partition(".")[0]
            scope.bind(
                alias.asname or root, alias.name if alias.asname else root, node.lineno, sure
            )
            continue
        module = "." * node.level + (node.module or "")
        if alias.name == "*":
            scope.stars.append(module)
        else:
            scope.bind(alias.asname or alias.name, f"{module}.{alias.name}", node.lineno, sure)
