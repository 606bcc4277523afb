"""The edits that rules make: an argument's value, its name, one more argument."""

import ast

from bnparity.porting.lint.rule import Edit
from bnparity.porting.lint.source import LayerCall


def replaced(node: ast.expr, text: str) -> Edit:
    """Return the edit that puts `text` in the place of an expression."""
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return Edit(start=(node.lineno, node.col_offset), end=end, text=text)


def renamed(keyword: ast.keyword, name: str) -> Edit:
    """Return the edit that gives a keyword another name."""
    start = (keyword.lineno, keyword.col_offset)
    end = (keyword.lineno, keyword.col_offset + len(str(keyword.arg).encode()))
    return Edit(start=start, end=end, text=name)


def added(layer: LayerCall, text: str) -> Edit | None:
    """Return the edit that adds an argument behind the last; None where there is no argument."""
    arguments = [*layer.node.args, *(keyword.value for keyword in layer.node.keywords)]
    if not arguments or layer.open:
        return None
    last = max((a.end_lineno or a.lineno, a.end_col_offset or 0) for a in arguments)
    return Edit(start=last, end=last, text=f", {text}")
