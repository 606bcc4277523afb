"""A page as Markdown."""

from bnparity.porting.differences.blocks import Block, Code, Heading, Items, Page, Table


def as_markdown(page: Page) -> str:
    """Return a page as Markdown, with the command that makes it in a comment at the top."""
    parts = [f"<!-- Made by `{page.command}`: do not edit. -->", *map(_block, page.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Items):
        return "\n".join(f"- {text}" for text in block.texts)
    if isinstance(block, Code):
        return f"```{block.language}\n{block.text.rstrip()}\n```"
    if isinstance(block, Table):
        lines = [block.columns, tuple("---" for _ in block.columns), *block.rows]
        return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
    return block.text


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
