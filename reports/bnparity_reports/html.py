"""The results as one self-contained HTML page: the report that people pass on.

The page loads nothing, runs nothing and says so to the browser, since it shows text that the
implementations under test have written. What it shows is worked out here and in `sections`; the
template beside this file has the words around it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bnparity_reports.anchors import slug, unique
from bnparity_reports.claims import documented
from bnparity_reports.distribution import HEADINGS
from bnparity_reports.figures import OUTPUTS, TIGHT, distinct_names
from bnparity_reports.sections import View, plain, section
from bnparity_reports.unchecked import unchecked

#: Statuses, the worst first.
_STATUSES = ("fail", "untrusted", "unavailable", "loose", "pass")


def render(results: dict[str, Any]) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as an HTML page.

    Whatever the results hold, the page can be written as UTF-8: half of a surrogate pair, which
    JSON can carry and UTF-8 cannot, becomes a question mark.
    """
    environment = Environment(
        loader=PackageLoader("bnparity_reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("page.html.j2").render(view(results))
    return page.encode("utf-8", "replace").decode("utf-8")


def view(results: dict[str, Any]) -> View:
    """Return everything that the template shows of `results`."""
    backends, run = results["backends"], results["run"]
    names = distinct_names([backend["name"] for backend in backends])
    named = list(zip(backends, names, strict=True))
    return {
        "title": _title(backends),
        "outputs": OUTPUTS,
        "headings": HEADINGS,
        "tight": f"{TIGHT:g}",
        "backends": _with_anchors([section(backend, name) for backend, name in named]),
        "documented": documented(named),
        "unchecked": [note for backend, name in named for note in unchecked(backend, name)],
        "run": run,
        "environment": [(key, plain(value)) for key, value in run.items()],
        "again": again(run),
        "by_time": "--examples" not in run["command"],
    }


def again(run: dict[str, Any]) -> str:
    """Return the command that makes the same run again, its seed spelt out."""
    command: str = run["command"]
    spelt_out = "--seed" in command or not command.startswith("bnparity run")
    return command if spelt_out else f"{command} --seed {run['seed']}"


def _title(backends: Sequence[View]) -> str:
    """Return the verdicts as counts, such as ``1 fail, 2 pass``."""
    counts = Counter(backend["status"] for backend in backends)
    return ", ".join(f"{counts[s]} {s}" for s in _STATUSES if counts[s]) or "nothing was checked"


def _with_anchors(sections: list[View]) -> list[View]:
    """Return the sections with an ``anchor`` for each, and for each finding in them."""
    own = unique(slug("backend", of["name"]) for of in sections)
    for anchor, of in zip(own, sections, strict=True):
        of["anchor"] = anchor
    findings = [(of["name"], finding) for of in sections for finding in of["findings"]]
    places = unique(slug("finding", name, finding["id"]) for name, finding in findings)
    for anchor, (_, finding) in zip(places, findings, strict=True):
        finding["anchor"] = anchor
    return sections
