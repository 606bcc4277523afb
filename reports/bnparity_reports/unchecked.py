"""What a session did not check, in words: a pass is worth no more than what it leaves out."""

from markupsafe import Markup

from bnparity_reports.figures import CLAUSE, OUTPUTS, checked, counted, shortened
from bnparity_reports.view import View
from bnparity_reports.words import sentence, series


def unchecked(backend: View, name: str) -> list[Markup]:
    """Return what was not checked of a backend, a sentence of HTML for each.

    Parameters
    ----------
    backend
        As in the results.
    name
        What to call it.
    """
    if backend["status"] == "unavailable":
        return [sentence(backend, name)]
    subject = Markup("<strong><bdi>{}</bdi></strong>").format(shortened(name))
    outputs = checked(backend)
    notes = []
    if missing := [output for output in OUTPUTS if output not in outputs]:
        notes.append(Markup("{}: no check of {}.").format(subject, series(missing)))
    if stopped := shortened(backend.get("stopped", ""), CLAUSE):
        notes.append(Markup("{}: <bdi>{}</bdi>.").format(subject, stopped))
    for question, count in backend.get("unsupported", {}).items():
        cases, why = counted(count, "case"), shortened(question, CLAUSE).strip().rstrip(".")
        notes.append(Markup("{}: {} not judged: <bdi>{}</bdi>.").format(subject, cases, why))
    for what, why in backend.get("not_asked", {}).items():
        reason = shortened(why, CLAUSE)
        notes.append(
            Markup("{}: {} not asked: <bdi>{}</bdi>.").format(subject, series([what]), reason)
        )
    return notes
