"""What is news: of real results, what is declared, met before, required or not accepted."""

from collections.abc import Callable
from typing import Any

import pytest
from bnparity.results.news import Baseline, Expected, Known, has_news, with_news
from bnparity.results.news.declared import Entry

Document = dict[str, Any]
Judged = Callable[..., Document]


def known(*entries: dict[str, str]) -> Known:
    """Return a file of entries about the kernel of these tests, if they name no other."""
    base = {"backend": "kernel", "reason": "by design"}
    made = [Entry(number=n, **{**base, **words}) for n, words in enumerate(entries, 1)]
    return Known(file="known.toml", entries=tuple(made))


def reasons(document: Document) -> list[str | None]:
    """Return why each finding is known."""
    return [finding["known"] for b in document["backends"] for finding in b["findings"]]


def problems(document: Document) -> list[str]:
    """Return what else is wrong, in words."""
    return [problem["text"] for problem in document["news"]["problems"]]


@pytest.fixture
def wrong(judged: Judged) -> Document:
    """Return the results of a kernel with one finding, in two outputs."""
    return judged("momentum=old", examples=60)


@pytest.fixture
def right(judged: Judged) -> Document:
    """Return those of a kernel without any."""
    return judged("two_pass", examples=60)


def changed(document: Document, **facts: Any) -> Document:
    """Return a document whose only backend has other `facts`."""
    (backend,) = document["backends"]
    return {**document, "backends": [{**backend, **facts}]}


def test_finding_is_news_where_nothing_is_known(wrong: Document, right: Document) -> None:
    """A run fails by it, and one without findings does not fail."""
    assert reasons(with_news(wrong)) == [None]
    assert has_news(with_news(wrong))
    assert not has_news(with_news(right))


@pytest.mark.parametrize(
    "words",
    [{"code": "momentum=old"}, {"kind": "semantics"}, {"code": "momentum=old", "backend": "k*"}],
)
def test_declared_finding_is_known(words: dict[str, str], wrong: Document) -> None:
    """It has the reason that was declared, and the run does not fail."""
    document = with_news(wrong, Expected(known=known(words)))
    assert reasons(document) == ["by design"]
    assert not has_news(document)


def test_finding_that_is_declared_in_part_is_news(wrong: Document) -> None:
    """Of two outputs one was declared: the other fails the run, and the entry holds."""
    document = with_news(wrong, Expected(known=known({"output": "running_mean"})))
    assert reasons(document) == [None]
    assert problems(document) == []
    both = known({"output": "running_mean"}, {"output": "running_var", "reason": "too"})
    assert reasons(with_news(wrong, Expected(known=both))) == ["by design; too"]


def test_fault_is_declared_by_its_kind_and_not_by_a_code(wrong: Document) -> None:
    """A crash follows no convention: a code excuses none."""
    (finding,) = wrong["backends"][0]["findings"]
    crash = {**finding, "kind": "crash", "codes": [], "output": "", "outputs": []}
    document = changed(wrong, findings=[crash])
    assert reasons(with_news(document, Expected(known=known({"kind": "crash"})))) == ["by design"]
    assert reasons(with_news(document, Expected(known=known({"code": "eps=ignored"})))) == [None]


def test_entry_that_matches_no_finding_fails(right: Document) -> None:
    """A file of excuses is not to rot."""
    document = with_news(right, Expected(known=known({"code": "momentum=old"})))
    told = "known.toml: entry 1 (kernel, code momentum=old) matches no finding: remove it"
    assert problems(document) == [told]
    assert has_news(document)


@pytest.mark.parametrize("reason", ["not judged", "not available", "stopped"])
def test_entry_is_out_of_date_only_where_its_backend_was_judged(
    reason: str, right: Document
) -> None:
    """One file serves several jobs, and a run that was stopped says nothing of it."""
    words = {"code": "momentum=old", **({"backend": "jax"} if reason == "not judged" else {})}
    if reason == "not available":
        right = changed(right, status="unavailable", checks=0)
    expected = Expected(known=known(words), whole=reason != "stopped")
    assert problems(with_news(right, expected)) == []


def test_entry_whose_version_has_come_excuses_nothing(wrong: Document) -> None:
    """The finding is news again, and a line says why."""
    later = changed(wrong, version="2.14.0")
    words = {"code": "momentum=old", "until": "2.14"}
    assert reasons(with_news(changed(wrong, version="2.13"), Expected(known=known(words)))) == [
        "by design"
    ]
    document = with_news(later, Expected(known=known(words)))
    assert reasons(document) == [None]
    (told,) = problems(document)
    assert "holds until 2.14, and this is kernel 2.14.0" in told


def test_finding_of_the_baseline_is_known(wrong: Document, right: Document) -> None:
    """One that the baseline does not have is news."""
    document = with_news(wrong, Expected(baseline=Baseline(file="old.json", results=wrong)))
    assert reasons(document) == ["in old.json"]
    assert not has_news(document)
    assert has_news(with_news(wrong, Expected(baseline=Baseline(file="o", results=right))))


def test_baseline_and_declared_deviations_add_up(wrong: Document, right: Document) -> None:
    """What one does not know the other may; the comparison does not tell it as new then."""
    baseline = Baseline(file="old.json", results=right)
    both = Expected(baseline=baseline, known=known({"code": "momentum=old"}))
    document = with_news(wrong, both)
    assert reasons(document) == ["by design"]
    assert not has_news(document)
    changes = document["news"]["comparison"]["changes"]
    assert "regressed" not in [change["direction"] for change in changes]


def test_what_is_worse_without_a_finding_is_a_problem(right: Document) -> None:
    """A backend that only the baseline has fails the run."""
    baseline = Baseline(file="old.json", results=right)
    document = with_news({**right, "backends": []}, Expected(baseline=baseline))
    (told,) = problems(document)
    assert told.startswith("worse than in the baseline: kernel: backend")


def test_output_that_fails_without_a_finding_is_a_problem(wrong: Document) -> None:
    """Every other finding may be known: this is not."""
    (finding,) = wrong["backends"][0]["findings"]
    document = changed(wrong, findings=[{**finding, "outputs": ["running_mean"]}])
    (told,) = problems(with_news(document, Expected(known=known({"code": "momentum=old"}))))
    assert "running_var fails" in told


def test_required_backend_that_is_missing_is_a_problem(right: Document) -> None:
    """What is missing does not look like what passed."""
    gone = changed(right, status="unavailable", reason="it is not here")
    document = with_news(gone, Expected(required=frozenset(["kernel"])))
    assert problems(document) == ["kernel is required, but it is not here"]


def test_verdict_that_is_not_accepted_fails_whatever_is_known(right: Document) -> None:
    """Loose and untrusted are named with the option that refuses them."""
    figures = {**right["backends"][0]["outputs"]["output"], "verdicts": {"loose": 3}}
    loose = changed(right, status="loose", outputs={"output": {**figures, "worst_ratio": 303.0}})
    assert not has_news(with_news(loose))
    (told,) = problems(with_news(loose, Expected(strict=("loose",))))
    assert told.startswith("kernel is loose in output (worst ratio 303); --fail-on loose")
    untrusted = changed(right, status="untrusted")
    baseline = Baseline(file="old.json", results=untrusted)
    assert not has_news(with_news(untrusted, Expected(baseline=baseline)))
    assert has_news(with_news(untrusted, Expected(baseline=baseline, strict=("untrusted",))))
