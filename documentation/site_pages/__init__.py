"""Pages of the site that are made from the code, so that each fact has one source."""

from collections.abc import Mapping
from pathlib import Path

from site_pages.api import api_page
from site_pages.bounds import bounds_page
from site_pages.commands import commands_page
from site_pages.design import design_page
from site_pages.dialects import conventions_page, dialects_page
from site_pages.listing import index_page
from site_pages.schema import results_page
from site_pages.words import words_page


def made(root: Path) -> Mapping[str, str]:
    """Return the text of each page that is made, by its path; `root` is the checkout."""
    return {
        "reference/index.md": index_page(root / "documentation"),
        "reference/commands.md": commands_page(),
        "reference/api.md": api_page(),
        "reference/dialects.md": dialects_page(),
        "reference/conventions.md": conventions_page(),
        "reference/words.md": words_page(),
        "reference/results.md": results_page(),
        "explanation/design.md": design_page((root / "ARCHITECTURE.md").read_text("utf-8")),
        "explanation/bounds.md": bounds_page((root / "harness/BOUNDS.md").read_text("utf-8")),
    }


def write_pages(folder: Path) -> None:
    """Write the pages into the sources of the site, where their text is not there already."""
    for name, text in made(folder.parent).items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:  # the site is built by what is new
            path.write_text(text, "utf-8")
