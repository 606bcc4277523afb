"""`bnparity differences`: what differs between two BatchNorms, as a page."""

from typing import Annotated

from typer import Argument, Option

from bnparity.frontends.commands import options
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.parsing import writable
from bnparity.porting import differences_of, page_as_html, page_as_markdown
from bnparity.results import write

Name = Annotated[
    str, Argument(help="A framework, as bnparity dialects has it, or torch.nn.BatchNorm2d.")
]


def differences_command(
    one: Name,
    other: Name,
    *,
    html: Annotated[options.File, Option(help="Write the page here as HTML.")] = None,
    markdown: Annotated[options.File, Option(help="Write the page here as Markdown.")] = None,
) -> int:
    """Say what differs between two BatchNorms, measured where they are installed.

    Without a file it is printed.
    """
    writable(html, markdown)
    page = differences_of(one, other)
    for path, written in ((html, page_as_html), (markdown, page_as_markdown)):
        if path is not None:
            write(path, written(page))
            print(f"page: {path}")
    if html is None and markdown is None:
        print(page_as_markdown(page), end="")
    return ACCEPTABLE
