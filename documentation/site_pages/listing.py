"""The first page of the reference, with the lists that a command may have left in `differences`."""

from pathlib import Path

from site_pages.markdown import page

_PAGES = ("commands", "exit_codes", "api", "dialects", "conventions", "words", "results")
_FIRST = "Made from the code, so that it says what is installed."


def index_page(folder: Path) -> str:
    """Return the page, with a line for each page below it."""
    beside = sorted(f"../differences/{path.stem}" for path in folder.glob("differences/*.md"))
    listed = "\n".join([*_PAGES, *beside])
    return page("Reference", _FIRST, [f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```"])
