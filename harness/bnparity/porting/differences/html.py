"""A page as HTML that loads nothing."""

import re

from markupsafe import Markup, escape

from bnparity.porting.differences.blocks import Block, Code, Heading, Items, Page, Table

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: #1b1b1b; background: #fff }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; background: #f3f3f3 }
pre { padding: .8rem; overflow-x: auto }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #161616 } code, pre { background: #262626 }
  th, td { border-color: #555 } }
"""


def as_html(page: Page) -> str:
    """Return a page as one file of HTML."""
    body = Markup("\n").join(map(_block, page.blocks))
    return Markup(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n{}\n</main>\n"
        "<footer><p>Made by <code>{}</code>.</p></footer>\n</body>\n</html>\n"
    ).format(page.title, Markup(_STYLE), body, page.command)  # noqa: S704  # the style is its own


def _block(block: Block) -> Markup:
    if isinstance(block, Heading):
        tag = f"h{block.level}"
        return Markup("<{0}>{1}</{0}>").format(tag, block.text)
    if isinstance(block, Items):
        return Markup("<ul>{}</ul>").format(_joined("<li>{}</li>", block.texts))
    if isinstance(block, Code):
        return Markup('<pre tabindex="0"><code>{}</code></pre>').format(block.text.rstrip())
    if isinstance(block, Table):
        head = _joined('<th scope="col">{}</th>', block.columns)
        rows = Markup("").join(
            Markup("<tr>{}</tr>").format(_joined("<td>{}</td>", row)) for row in block.rows
        )
        return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
            head, rows
        )
    return Markup("<p>{}</p>").format(_inline(block.text))


def _joined(template: str, texts: tuple[str, ...]) -> Markup:
    return Markup("").join(Markup(template).format(_inline(text)) for text in texts)  # noqa: S704  # the template is its own


def _inline(text: str) -> Markup:
    """Return text with what stands between backticks as code."""
    parts = re.split(r"`([^`]*)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
