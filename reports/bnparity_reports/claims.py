"""What documents say beside what was measured: each claim once, with the backends it was put to."""

from collections.abc import Iterable

from bnparity_reports.figures import CLAUSE, counted, shortened
from bnparity_reports.view import View

#: Verdicts, the news first.
VERDICTS = ("differs", "not checked", "holds")


def documented(named: Iterable[tuple[View, str]]) -> list[View]:
    """Return a block for each verdict: the claims with it, each with what was measured.

    A claim is in the block of the first of its verdicts, whatever the others are.

    Parameters
    ----------
    named
        Backends, as in the results, and what to call them.
    """
    claims: dict[tuple[str, str], View] = {}
    for backend, name in named:
        for claim in backend.get("claims", []):
            view = claims.setdefault((claim["api"], claim["id"]), _claim(claim))
            _add(view["measured"], claim, shortened(name))
    return [
        {"verdict": verdict, "claims": block, "count": counted(len(block), "claim")}
        for verdict in VERDICTS
        if (block := [view for view in claims.values() if _first(view) == verdict])
    ]


def _claim(claim: View) -> View:
    address = claim["address"]
    return {
        "id": shortened(claim["id"]),
        "statement": shortened(claim["statement"], CLAUSE),
        "title": shortened(claim["title"]),
        "about": shortened(", ".join(filter(None, (claim["version"], claim["language"])))),
        # Nothing but a page is linked to: text of the results must not become a script.
        "address": address if address.startswith("https://") else "",
        "measured": [],
    }


def _add(measured: list[View], claim: View, name: str) -> None:
    """Add a backend; those with the same verdict and evidence share a line."""
    line = {"verdict": claim["verdict"], "evidence": shortened(claim["evidence"], CLAUSE)}
    for known in measured:
        if {key: known[key] for key in line} == line:
            known["names"].append(name)
            return
    measured.append({**line, "names": [name]})


def _first(view: View) -> str:
    found = {line["verdict"] for line in view["measured"]}
    return next(verdict for verdict in VERDICTS if verdict in found)
