"""The results as one self-contained HTML page: the report that people pass on.

The page loads nothing, and the browser is told to run nothing but the one script that is in it,
since it shows text that the implementations under test have written. What it shows is worked out
in the modules beside this one; the templates have the words around it.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bnparity_reports.accuracy import accuracy
from bnparity_reports.across import across
from bnparity_reports.anchors import slug, unique
from bnparity_reports.cells import axes_of
from bnparity_reports.claims import documented
from bnparity_reports.conventions import conventions
from bnparity_reports.distribution import HEADINGS
from bnparity_reports.figures import OUTPUTS, TIGHT, distinct_names, with_texts
from bnparity_reports.filters import filters, token
from bnparity_reports.news import headline, news_of
from bnparity_reports.parity import parity
from bnparity_reports.sections import plain, section
from bnparity_reports.unchecked import unchecked
from bnparity_reports.view import View

#: Statuses, the worst first.
_STATUSES = ("fail", "untrusted", "unavailable", "loose", "pass")


def render(results: View) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as an HTML page.

    Whatever the results hold, the page can be written as UTF-8: half of a surrogate pair, which
    JSON can carry and UTF-8 cannot, becomes a question mark.
    """
    return page("page.html.j2", view(writable(results)))


def page(template: str, shown: View) -> str:
    """Return a page made from a template of this package, its style and its script within it."""
    environment = Environment(
        loader=PackageLoader("bnparity_reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["token"] = token
    return environment.get_template(template).render({**shown, **_assets()})


def view(results: View) -> View:
    """Return everything that the template shows of `results`."""
    backends, run = results["backends"], results["run"]
    names = distinct_names([backend["name"] for backend in backends])
    named = list(zip(backends, names, strict=True))
    axes = axes_of(backends)
    sections = _with_anchors([section(backend, name, axes) for backend, name in named])
    return {
        "title": _title(backends),
        "headline": headline(results),
        "problems": [problem["text"] for problem in news_of(results)["problems"]],
        "outputs": OUTPUTS,
        "headings": HEADINGS,
        "tight": f"{TIGHT:g}",
        "backends": sections,
        "axes": axes,
        "filters": filters(sections),
        "documented": documented(named),
        "conventions": conventions(named),
        "accuracy": accuracy(named),
        "parity": parity(named),
        "cases": across(
            results.get("cases", []),
            {backend["name"]: of for backend, of in zip(backends, sections, strict=True)},
        ),
        "unchecked": [
            (of["anchor"], note)
            for (backend, name), of in zip(named, sections, strict=True)
            for note in unchecked(backend, name)
        ],
        "run": run,
        "environment": [(key, plain(value)) for key, value in run.items()],
        "again": again(run),
        "by_time": "--examples" not in run["command"],
    }


def again(run: View) -> str:
    """Return the command that makes the same run again, its seed spelt out."""
    command: str = run["command"]
    spelt_out = "--seed" in command or not command.startswith("bnparity run")
    return command if spelt_out else f"{command} --seed {run['seed']}"


@cache
def _assets() -> View:
    """Return style and script of a page, each with what a policy allows it by."""
    folder = files("bnparity_reports")
    texts = {name: folder.joinpath(f"page.{name}").read_text("utf-8") for name in ("css", "js")}
    # The page must have them to the letter: what the policy allows is their hash.
    return {name: Markup(text) for name, text in texts.items()} | {  # noqa: S704  # our own files
        f"{name}_hash": _hash(text) for name, text in texts.items()
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def writable(value: Any) -> Any:
    """Return JSON whose texts can all be written as UTF-8: half a pair is a question mark."""
    return with_texts(value, lambda text: text.encode("utf-8", "replace").decode("utf-8"))


def _title(backends: Sequence[View]) -> str:
    """Return the verdicts as counts, such as ``1 fail, 2 pass``."""
    counts = Counter(backend["status"] for backend in backends)
    return ", ".join(f"{counts[s]} {s}" for s in _STATUSES if counts[s]) or "nothing was checked"


def _with_anchors(sections: list[View]) -> list[View]:
    """Return the sections with an ``anchor`` for each, for their findings and for their marks."""
    own = unique(slug("backend", of["name"]) for of in sections)
    for anchor, of in zip(own, sections, strict=True):
        of["anchor"] = anchor
    findings = [(of["name"], finding) for of in sections for finding in of["findings"]]
    places = unique(slug("finding", name, finding["id"]) for name, finding in findings)
    for anchor, (_, finding) in zip(places, findings, strict=True):
        finding["anchor"] = anchor
    for of in sections:
        for output, mark in zip(OUTPUTS, of["marks"], strict=True):
            # No two of a page are the same: the anchors of backends differ already.
            mark["anchor"] = f"cell-{output}-{of['anchor']}"
            about = [f["anchor"] for f in of["findings"] if output in f["concerns"]]
            mark["finding"] = about[0] if about else ""
    return sections
