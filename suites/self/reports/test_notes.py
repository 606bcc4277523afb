from typing import Any

import pytest
from bnparity_reports.notes import notes

Document = dict[str, Any]


def graded(backend: Document, **grades: str) -> Document:
    """Return a backend whose outputs have the grades."""
    outputs = {
        name: {**figures, "grade": grades.get(name)} for name, figures in backend["outputs"].items()
    }
    return {**backend, "outputs": outputs}


@pytest.fixture
def mixed(backend: Document) -> Document:
    """Return a backend with two grades, loose in one output."""
    found = graded(backend, output="wide", running_mean="wide", grad_bias="serial")
    found["outputs"]["grad_bias"]["verdicts"] = {"loose": 4}
    return found


def test_sums_are_told_in_words_where_all_is_asked_for(mixed: Document) -> None:
    """With the outputs of which that is said, and the grade in brackets."""
    assert list(notes(mixed, full=True))[-1] == (
        "adds up in a wider format, or as accurately (wide) in output and running_mean; "
        "adds values one after the other (serial) in grad_bias."
    )


def test_sums_of_what_is_loose_are_always_told(mixed: Document) -> None:
    """They are why it is loose; those of other outputs are no news."""
    assert list(notes(mixed, full=False)) == [
        "adds values one after the other (serial) in grad_bias."
    ]


def test_grade_of_every_output_is_told_once(backend: Document) -> None:
    """Six names would say no more."""
    every = graded(backend, **dict.fromkeys(backend["outputs"], "pairwise"))
    assert list(notes(every, full=True))[-1] == (
        "adds values in pairs or small blocks (pairwise) in every output."
    )


def test_drift_is_told_where_it_was_measured(backend: Document) -> None:
    """A note has steps, units in the last place and the share, if all is asked for."""
    measured = {"running_var": {"max_ulp": 2.5, "worst_share": 0.25}}
    drifting = {**backend, "drift": {"steps": 100, "statistics": measured}}
    told = (
        "over 100 steps running_var drifts by up to 2.5 ulp, 0.25 of what rounding may add up to."
    )
    assert told in notes(drifting, full=True)
    assert list(notes(drifting, full=False)) == []


def test_reasons_that_differ_in_numbers_alone_are_one(backend: Document) -> None:
    """A line says how many cases there were in all; each reason has one where all is asked for."""
    reasons = {"needs 8 values, not 2": 3, "needs 8 values, not 4": 1, "no layout": 2}
    declining = {**backend, "unsupported": reasons}
    assert list(notes(declining, full=False)) == [
        "4 cases not judged: needs N values, not N",
        "2 cases not judged: no layout",
    ]
    assert len([n for n in notes(declining, full=True) if "not judged" in n]) == 3


def test_end_before_the_end_is_told(backend: Document) -> None:
    """Why a backend was asked no more belongs to its verdict."""
    told = "the first 5 cases all failed alike: stopped; --maxfail 0 asks on"
    assert list(notes({**backend, "stopped": told}, full=False)) == [f"{told}."]


def test_what_a_target_was_taken_for_is_told(backend: Document) -> None:
    """In a sentence of its own; of a function that is called as it is there is none."""
    adapted = {**backend, "taken_for": "a torch.nn.Module class: state weight, bias"}
    told = "taken for a torch.nn.Module class: state weight, bias."
    assert [n for n in notes(adapted, full=False) if n not in notes(backend, full=False)] == [told]
