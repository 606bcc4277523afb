"""A Vega-Lite specification as SVG that can stand in a page: named, scalable, in its colours."""

import re
from typing import Any

from markupsafe import Markup, escape

from bnparity_reports.figures import printable, with_texts

Spec = dict[str, Any]

#: Verdicts from the best to the worst, with the variables of the page that are their colours.
VERDICT_COLOURS = {"pass": "var(--good)", "loose": "var(--middling)", "fail": "var(--bad)"}

#: Of series that are told apart; the shape of their points tells them too.
SERIES_COLOURS = [f"var(--series-{number})" for number in range(1, 9)]
SHAPES = (
    *("circle", "square", "triangle-up", "diamond"),
    *("cross", "triangle-down", "triangle-right", "triangle-left"),
)

_QUIET, _INK = "var(--quiet)", "var(--ink)"

_CONFIG: Spec = {
    "background": None,
    "aria": False,  # the parts have no roles of their own: all is one image
    "font": "system-ui, sans-serif",
    "view": {"stroke": "var(--line)"},
    "axis": {
        "domainColor": "var(--line)",
        "gridColor": "var(--line)",
        "gridOpacity": 0.6,
        "tickColor": "var(--line)",
        "labelColor": _QUIET,
        "titleColor": _INK,
        "titleFontWeight": "normal",
    },
    "header": {"labelColor": _INK, "titleColor": _INK, "labelFont": "monospace"},
    "legend": {"labelColor": _INK, "titleColor": _QUIET, "titleFontWeight": "normal"},
}


def svg(spec: Spec, *, title: str, description: str) -> Markup:
    """Return a specification drawn as SVG; in words, where what draws it is not installed.

    Parameters
    ----------
    spec
        Vega-Lite 6, with its data in it: nothing is loaded.
    title, description
        What the picture is, and what is to be seen in it, for whoever does not see it.
    """
    try:
        import vl_convert  # an extra, of 84 MB; starts an engine, which other pages do not need
    except ImportError:
        return _in_words(title, description)
    # The engine aborts at some characters that do not print.
    text = with_texts({"config": _CONFIG, **spec}, printable)
    drawn = vl_convert.vegalite_to_svg(text, vl_version="6.1", allowed_base_urls=[])
    start, _, rest = drawn.partition(">")
    width, height = _size(start)
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" width="{}" height="{}"'
        ' viewBox="0 0 {} {}"><title>{}</title><desc>{}</desc>'
    ).format(width, height, width, height, printable(title), description)
    # Vega has escaped every text of its own, which the tests of hostile names check.
    return head + Markup(re.sub("<[^>]+>", _plainer, rest))  # noqa: S704


def _in_words(title: str, description: str) -> Markup:
    """Return what a picture would show, and how to have it."""
    return Markup('<p class="undrawn">{}: {} (To see it drawn: {})</p>').format(
        printable(title), description, 'pip install "bnparity[charts]"'
    )


#: What a still image has no use for: roles of parts, of which it has none, and hidden frames.
_NEEDLESS = re.compile(
    r' (role|class|pointer-events|stroke-miterlimit|aria-\w+)="[^"]*"| (stroke-)?opacity="1"'
)
_EMPTY = re.compile(r'<path [^>]*(d=""|d="M0,0h0v0h0Z")[^>]*/>')


def _plainer(tag: re.Match[str]) -> str:
    """Return a tag without what an image has no use for, its numbers as short as they can be."""
    if _EMPTY.fullmatch(tag[0]):
        return ""
    return re.sub(r"(\.\d\d)\d+", r"\1", _NEEDLESS.sub("", tag[0]))


def _size(start: str) -> tuple[str, str]:
    """Return width and height as the first tag of a drawing has them."""
    found = [start.partition(f' {name}="')[2].partition('"')[0] for name in ("width", "height")]
    return str(escape(found[0])), str(escape(found[1]))
