"""The parts of a page, before anything is said of Markdown or HTML."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The title of a section; level 1 is the page's."""

    text: str
    level: int = 2


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A sentence or more; what stands between backticks is code."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows below the names of their columns; what stands between backticks is code."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Code:
    """Lines as they are, in a language, or as they were printed."""

    text: str
    language: str = "text"


Block: TypeAlias = Heading | Paragraph | Items | Table | Code


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page: the words of the command that makes it, and its parts."""

    command: str
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """The first heading."""
        return next(block.text for block in self.blocks if isinstance(block, Heading))
