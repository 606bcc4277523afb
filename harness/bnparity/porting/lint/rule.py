"""A rule, what it finds in a file, and the change that mends it."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bnparity.porting.lint.source import Place, Source


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Text that takes the place of what stands between two places of a file."""

    start: Place
    end: Place
    text: str


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A mistake at a node: what is wrong, what to write, and the edit if that is certain."""

    node: ast.AST
    message: str
    remedy: str
    edit: Edit | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of mistake: its code, a sentence about it, and the document behind the sentence."""

    code: str
    sentence: str
    document: str
    check: Callable[[Source], Iterable[Hit]]


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A mistake in a file, at a line and a column from 1 as editors count them."""

    path: str
    code: str
    sentence: str
    document: str
    message: str
    remedy: str = ""
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    quoted: str = ""
    edit: Edit | None = None
