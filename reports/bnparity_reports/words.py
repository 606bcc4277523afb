"""The verdict on a backend in words: one sentence that can stand without the table below it.

Sentences are HTML, since names come from users: each is escaped, and isolated so that the
direction of its script does not turn the sentence around.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from bnparity_reports.figures import (
    CLAUSE,
    OUTPUTS,
    TIGHT,
    checked,
    concerned,
    counted,
    followed,
    ratio,
    shortened,
    verdict,
)
from bnparity_reports.news import found
from bnparity_reports.view import View

#: What a backend does that fails without a wrong figure.
_FAULTS = {
    "error": "it raises an error",
    "crash": "it crashes",
    "hang": "it does not return",
    "mutation": "it writes to its inputs",
    "nondeterminism": "it answers the same call differently",
    "contract": "it breaks the contract of a backend",
}


def sentence(backend: View, name: str) -> Markup:
    """Return the verdict on a backend as one sentence of HTML.

    Parameters
    ----------
    backend
        As in the results.
    name
        What to call it.
    """
    says = {
        "pass": _passes,
        "loose": _is_loose,
        "fail": _fails,
        "untrusted": _is_untrusted,
        "unavailable": _is_unavailable,
    }
    words = [shortened(word) for word in (name, backend["version"]) if word]
    subject = Markup(" ").join(Markup("<bdi>{}</bdi>").format(word) for word in words)
    clauses = Markup("; ").join([says[backend["status"]](backend), *_besides(backend)])
    return Markup("<strong>{}</strong> {}.").format(subject, clauses)


def series(words: Iterable[str]) -> Markup:
    """Return words of a program as a series, ``a, b and c``."""
    marked = [Markup("<code><bdi>{}</bdi></code>").format(shortened(word)) for word in words]
    if len(marked) < 2:
        return Markup("").join(marked)
    return Markup("{} and {}").format(Markup(", ").join(marked[:-1]), marked[-1])


def instead(findings: Sequence[View]) -> list[Markup]:
    """Return what a backend does instead of what it should, in clauses."""
    clauses = []
    if codes := dict.fromkeys(code for finding in findings for code in finding["codes"]):
        clauses.append(Markup("it computes with {}").format(series(codes)))
    wrong = [f for f in findings if f["kind"] in ("semantics", "accuracy") and not f["codes"]]
    unsought = [f for f in wrong if not f.get("diagnosed", True)]
    if unexplained := [f for f in wrong if f not in unsought]:
        clauses.append(Markup("no convention explains {}").format(_outputs_of(unexplained)))
    if unsought:
        clauses.append(Markup("not explained yet: {}").format(_outputs_of(unsought)))
    for kind, does in _FAULTS.items():
        if cases := sum(finding["count"] for finding in findings if finding["kind"] == kind):
            clauses.append(Markup("{} in {}").format(does, counted(cases, "case")))
    if vacuous := [finding for finding in findings if finding["kind"] == "vacuous"]:
        clauses.append(Markup("nothing is known of {}").format(_outputs_of(vacuous)))
    return clauses


def _besides(backend: View) -> list[Markup]:
    """Return what is known beside the verdict: how documents are followed, how much was found."""
    clauses = []
    if backend["status"] in ("fail", "untrusted") and checked(backend):
        clauses.append(_worst_of(backend))
    if counts := followed(backend):
        clauses.append(Markup("{}").format(counts))
    if backend["findings"]:
        clauses.append(Markup("{}").format(found(backend["findings"])))
    return clauses


def _passes(backend: View) -> Markup:
    outputs = checked(backend)
    if not outputs:
        return Markup("passes, but nothing of it was checked")
    every = "every output" if len(outputs) == len(OUTPUTS) else series(outputs)
    return Markup("follows {}: {} accurate, {}").format(_dialect(backend), every, _worst(backend))


def _is_loose(backend: View) -> Markup:
    loose = [name for name, figures in checked(backend).items() if verdict(figures) != "pass"]
    if not loose:
        return Markup("follows {}, loosely").format(_dialect(backend))
    return Markup(
        "follows {}, loosely: {} accurate only to what some order of summation allows, "
        "which is legitimate: no order is promised; {}"
    ).format(_dialect(backend), series(loose), _worst(backend))


def _fails(backend: View) -> Markup:
    clauses = instead(backend["findings"]) or [Markup("no finding says why")]
    cases = counted(backend["cases"], "case")
    return Markup("does not follow {}: {}; {}").format(
        _dialect(backend), Markup("; ").join(clauses), cases
    )


def _is_untrusted(backend: View) -> Markup:
    missing = instead(backend["findings"])
    if not checked(backend):
        missing = [Markup("no output of it was checked"), *missing]
    because = Markup("; ").join(missing) or "no finding says what is missing"
    return Markup("cannot be trusted: {}; {}").format(because, counted(backend["cases"], "case"))


def _is_unavailable(backend: View) -> Markup:
    reason = shortened(backend["reason"], CLAUSE).strip().rstrip(".")
    return Markup("was not checked: <bdi>{}</bdi>").format(reason or "no reason was given")


def _worst(backend: View) -> Markup:
    """Return the worst ratio, what it is the ratio of, and over how many cases."""
    cases = counted(backend["cases"], "case")
    return Markup("{}, {}").format(_worst_of(backend), cases)


def _worst_of(backend: View) -> Markup:
    outputs = checked(backend)
    name = max(outputs, key=lambda output: outputs[output]["worst_ratio"])
    return Markup("worst ratio {} in {} (accurate: up to {:g})").format(
        ratio(outputs[name]["worst_ratio"]),
        series([name]),
        TIGHT,
    )


def _dialect(backend: View) -> Markup:
    name = backend["dialect"]
    return Markup("the {} dialect").format(series([name])) if name else Markup("its dialect")


def _outputs_of(findings: Iterable[View]) -> Markup:
    """Return the outputs that findings concern; one that names none concerns them all."""
    return series(dict.fromkeys(name or "every output" for f in findings for name in concerned(f)))
