"""How Sphinx builds the site: `make docs`. A warning is an error, and nothing is loaded."""

import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
sys.path[:0] = [
    str(_HERE),
    *(str(_HERE.parent / name) for name in ("harness", "reference", "reports")),
]

import bnparity  # noqa: E402  # the checkout's, found by the line above
from site_pages import write_pages  # noqa: E402

project = "bnparity"
author = "The bnparity authors"
copyright = author  # noqa: A001  # Sphinx calls it that
release = version = bnparity.__version__

extensions = ["mathml", "myst_parser", "numpydoc", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False  # autodoc lists them
autodoc_typehints = "none"  # numpydoc's sections say them; the code has them
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_title = "bnparity"
html_math_renderer = "mathml"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": False, "show_prev_next": True}


def setup(app: Any) -> None:
    """Make the pages that come from the code before anything is read."""
    app.connect("builder-inited", lambda _: write_pages(_HERE))
