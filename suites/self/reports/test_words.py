import re
from html import unescape
from typing import Any

import pytest
from bnparity_reports.figures import TIGHT
from bnparity_reports.unchecked import unchecked
from bnparity_reports.words import sentence
from markupsafe import Markup

Document = dict[str, Any]


def said(html: Markup) -> str:
    """Return a sentence without its markup."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_pass_is_told_with_its_worst_ratio(backend: Document, figures: Document) -> None:
    """A pass says of what, how closely, and on how many cases."""
    backend["outputs"] = {**backend["outputs"], "grad_bias": {**figures, "worst_ratio": 0.99}}
    assert said(sentence(backend, "numpy")) == (
        "numpy 2.4.6 follows the torch dialect: every output accurate, "
        f"worst ratio 0.99 in grad_bias (accurate: up to {TIGHT:g}), 3,150 cases."
    )


def test_pass_claims_only_what_was_checked(backend: Document, figures: Document) -> None:
    """A pass on some outputs does not speak of every output."""
    backend["outputs"] = {"output": figures, "running_mean": figures}
    assert "output and running_mean accurate" in said(sentence(backend, "numpy"))


def test_pass_without_checks_is_no_praise(backend: Document) -> None:
    """A pass of nothing says so."""
    assert "nothing of it was checked" in said(sentence({**backend, "outputs": {}}, "numpy"))


def test_loose_names_the_outputs_that_are(backend: Document, figures: Document) -> None:
    """A loose backend is told with the outputs that lose accuracy, and no others."""
    loose = {**figures, "verdicts": {"pass": 3, "loose": 1}, "worst_ratio": 1700.0}
    backend["outputs"] = {**backend["outputs"], "grad_input": loose}
    text = said(sentence({**backend, "status": "loose"}, "numpy"))
    assert "follows the torch dialect, loosely: grad_input accurate only to" in text
    assert "which is legitimate: no order is promised; worst ratio 1.7e+03 in grad_input" in text


def test_fail_says_what_is_done_instead(backend: Document, finding: Document) -> None:
    """A failing backend is told with the conventions that explain it."""
    backend.update(status="fail", findings=[{**finding, "codes": ["momentum=old", "eps=outside"]}])
    text = said(sentence(backend, "numpy"))
    assert text.startswith(
        "numpy 2.4.6 does not follow the torch dialect: "
        "it computes with momentum=old and eps=outside;"
    )


@pytest.mark.parametrize(
    ("kind", "clause"),
    [
        ("accuracy", "no convention explains running_mean"),
        ("error", "it raises an error in 45 cases"),
        ("crash", "it crashes in 45 cases"),
        ("hang", "it does not return in 45 cases"),
        ("mutation", "it writes to its inputs in 45 cases"),
        ("nondeterminism", "it answers the same call differently in 45 cases"),
        ("contract", "it breaks the contract of a backend in 45 cases"),
        ("vacuous", "nothing is known of running_mean"),
    ],
)
def test_fail_without_codes_says_what_happens(
    backend: Document, finding: Document, kind: str, clause: str
) -> None:
    """A finding that no convention explains is told by its kind."""
    backend.update(status="fail", findings=[{**finding, "kind": kind, "codes": []}])
    assert clause in said(sentence(backend, "numpy"))


def test_untrusted_says_what_is_missing(backend: Document, finding: Document) -> None:
    """An untrusted backend is told with what nothing is known of."""
    vacuous = {**finding, "kind": "vacuous", "codes": [], "output": "grad_bias"}
    backend.update(status="untrusted", findings=[vacuous])
    text = said(sentence(backend, "numpy"))
    assert "cannot be trusted: nothing is known of grad_bias" in text


def test_unavailable_says_why(backend: Document) -> None:
    """A backend that could not be asked is told with the reason."""
    backend.update(status="unavailable", version="", reason="No module named 'jax'.", outputs={})
    text = said(sentence(backend, "jax"))
    assert text == "jax was not checked: No module named 'jax'."


def test_unchecked_outputs_are_named(backend: Document, figures: Document) -> None:
    """Each output without a check is listed as such."""
    backend["outputs"] = dict.fromkeys(("output", "running_mean", "running_var"), figures)
    assert [said(note) for note in unchecked(backend, "numpy")] == [
        "numpy: no check of grad_input, grad_weight and grad_bias."
    ]


def test_end_before_the_end_is_told(backend: Document) -> None:
    """A backend that was asked no more has the reason among what was not checked."""
    backend["stopped"] = "stopped after 3 failing cases"
    assert [said(note) for note in unchecked(backend, "numpy")] == [
        "numpy: stopped after 3 failing cases."
    ]


def test_unsupported_questions_are_counted(backend: Document) -> None:
    """Each question that a backend has no words for is listed with its cases."""
    backend["unsupported"] = {"no momentum of None": 44}
    assert [said(note) for note in unchecked(backend, "numpy")] == [
        "numpy: 44 cases not judged: no momentum of None."
    ]
