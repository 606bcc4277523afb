"""Comparisons of real runs: the luck of the draw is no change, and what is worse is one."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bnparity.backends.errors import UsageError
from bnparity.results.comparison import Change, compare
from bnparity.results.comparison.checks import CRITICAL

Document = dict[str, Any]
Judged = Callable[..., Document]

#: Of these every pair of runs is compared, in both directions.
SEEDS = range(4)


def told(changes: tuple[Change, ...], direction: str) -> list[tuple[str, str]]:
    """Return the subjects and places of the changes of one direction."""
    return [(c.subject, c.where) for c in changes if c.direction == direction]


def changed(document: Document, **facts: Any) -> Document:
    """Return a document whose only backend has other `facts`."""
    (backend,) = document["backends"]
    return {**document, "backends": [{**backend, **facts}]}


def without(document: Document, output: str) -> Document:
    """Return a document in which an output was not checked."""
    document = copy.deepcopy(document)
    (backend,) = document["backends"]
    for place in (backend, *backend["cells"]):
        place["outputs"].pop(output, None)
    return document


@pytest.mark.parametrize("name", ["two_pass", "serial", "momentum=old"])
def test_other_seeds_are_no_change_for_the_worse(name: str, judged: Judged) -> None:
    """Any two runs of a kernel, whatever the cases drawn, agree on what is wrong with it."""
    runs = [judged(name, seed=seed) for seed in SEEDS]
    alarms = [compare(*pair).regressed for pair in itertools.permutations(runs, 2)]
    assert not any(alarms), alarms


def test_run_is_no_change_of_itself(judged: Judged) -> None:
    """Of one file there is nothing to tell."""
    run = judged("momentum=old")
    assert compare(run, run, baseline=True).changes == ()


def test_new_deviation_is_a_regression_and_its_end_is_mended(judged: Judged) -> None:
    """What a kernel computes instead is told by its code, in both directions."""
    right, wrong = judged("two_pass"), judged("momentum=old")
    worse = compare(right, wrong)
    assert told(worse.changes, "regressed") == [("finding", "running_mean, running_var")]
    assert worse.regressed[0].new == "momentum=old"
    better = compare(wrong, right)
    assert better.regressed == ()
    assert ("finding", "running_mean, running_var") in told(better.changes, "mended")
    assert ("status", "") in told(better.changes, "mended")


def test_deviation_in_another_is_told_apart(judged: Judged) -> None:
    """A kernel that fails as before, but for another reason, is not as before."""
    changes = compare(judged("momentum=old"), judged("running_variance=biased")).changes
    assert ("finding", "running_var") in told(changes, "regressed")
    assert ("finding", "running_mean, running_var") in told(changes, "mended")


def test_serial_sums_are_a_regression_of_wide_ones(judged: Judged) -> None:
    """Larger errors are found although each is one that some order of summation may make."""
    wide, serial = judged("wide", graded=True), judged("serial", graded=True)
    worse = compare(wide, serial)
    outputs = {"output", "running_mean", "running_var", "grad_input", "grad_weight", "grad_bias"}
    assert set(told(worse.changes, "regressed")) == {("errors", output) for output in outputs}
    better = compare(serial, wide)
    assert better.regressed == ()
    assert set(told(better.changes, "mended")) == {("errors", output) for output in outputs}


def test_chance_of_the_critical_ratio_is_what_its_comment_says() -> None:
    """F(15, 15) exceeds 16 with a chance of 1.4e-6, by its density in the form of a beta."""
    share = np.linspace(0, 1 / (1 + CRITICAL**2), 100_001)
    power = 15 / 2 - 1
    density = (share * (1 - share)) ** power
    whole = np.linspace(0, 1, 1_000_001)
    total = np.trapezoid((whole * (1 - whole)) ** power, whole)
    assert f"{np.trapezoid(density, share) / total:.1e}" == "1.4e-06"


def test_output_no_longer_checked_is_a_regression_and_not_mended(judged: Judged) -> None:
    """An output that a run does not check is not right in it."""
    old = judged("running_variance=biased")
    new = changed(without(old, "running_var"), findings=[], status="pass")
    changes = compare(old, new).changes
    assert told(changes, "regressed") == [("checks", "running_var of float32")]
    assert ("finding", "running_var") not in told(changes, "mended")


def test_missing_backend_is_a_regression_of_a_baseline_only(judged: Judged) -> None:
    """Two runs may be of different backends; what a baseline has must be there."""
    old = judged("two_pass")
    new = {**old, "backends": []}
    assert told(compare(old, new).changes, "changed") == [("backend", "")]
    assert told(compare(old, new, baseline=True).changes, "regressed") == [("backend", "")]


def test_findings_on_a_backend_that_a_baseline_does_not_have_are_unknown(judged: Judged) -> None:
    """A baseline accepts what it knows, and nothing else."""
    new = judged("momentum=old")
    old = {**new, "backends": []}
    assert told(compare(old, new).changes, "changed") == [("backend", "")]
    unknown = told(compare(old, new, baseline=True).changes, "regressed")
    assert unknown == [("finding", "running_mean, running_var")]


def test_backend_that_became_unavailable_is_a_regression(judged: Judged) -> None:
    """What cannot be checked any more does not pass."""
    old = judged("two_pass")
    new = changed(old, status="unavailable", reason="it is not installed", outputs={}, cells=[])
    assert told(compare(old, new).changes, "regressed") == [("status", "")]
    assert told(compare(new, old).changes, "mended") == [("status", "")]


def test_status_that_no_finding_explains_is_a_regression(judged: Judged) -> None:
    """A run in which nothing was checked is untrusted, though nothing was found."""
    old = judged("two_pass")
    changes = compare(old, changed(old, status="untrusted")).changes
    assert told(changes, "regressed") == [("status", "")]


def test_pass_and_loose_are_both_acceptable(judged: Judged) -> None:
    """Which of the two it is may hang on one case."""
    run = judged("two_pass")
    changes = compare(changed(run, status="pass"), changed(run, status="loose")).changes
    assert told(changes, "changed") == [("status", "")]


def test_versions_are_told(judged: Judged) -> None:
    """The same backend in another version is compared, and said to be another."""
    old = judged("two_pass")
    (change,) = compare(old, changed(old, version="2")).changes
    assert (change.subject, change.old, change.new) == ("version", "two_pass", "2")


def test_functions_in_files_are_matched_without_their_folders(judged: Judged) -> None:
    """Two copies of a kernel are one backend, unless a name leaves it open."""
    run = judged("two_pass")
    old, new = changed(run, name="old/k.py:f"), changed(run, name="new/k.py:f")
    (change,) = compare(old, new).changes
    assert (change.subject, change.direction) == ("name", "changed")
    both = {**run, "backends": [*new["backends"], *changed(run, name="k.py:f")["backends"]]}
    assert [c.subject for c in compare(old, both).changes] == ["backend"] * 3


def test_versions_that_are_named_are_matched(judged: Judged) -> None:
    """Two versions are one backend, its variants apart."""
    run = judged("two_pass")
    old, new = changed(run, name="mlx==0.31.0"), changed(run, name="mlx")
    (change,) = compare(old, new).changes
    assert (change.subject, change.old, change.new) == ("name", "mlx==0.31.0", "mlx")
    other = changed(run, name="mlx==0.31.0[last]")
    assert [c.subject for c in compare(other, new).changes] == ["backend"] * 2


def test_backend_that_is_named_twice_is_a_mistake(judged: Judged) -> None:
    """Nothing says which of two to compare."""
    run = judged("two_pass")
    twice = {**run, "backends": run["backends"] * 2}
    with pytest.raises(UsageError, match="2 backends are called 'kernel'"):
        compare(run, twice)


def claim(verdict: str) -> Document:
    """Return a claim of which `verdict` was measured."""
    return {"id": "2d-eps", "api": "torch", "verdict": verdict, "evidence": "measured"}


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("holds", "differs", "regressed"),
        ("differs", "holds", "mended"),
        ("holds", "not checked", "changed"),
    ],
)
def test_claims_are_compared_by_their_verdicts(
    old: str, new: str, direction: str, judged: Judged
) -> None:
    """A claim that held is expected to hold; one without an answer says nothing."""
    run = judged("two_pass")
    changes = compare(changed(run, claims=[claim(old)]), changed(run, claims=[claim(new)])).changes
    assert [(c.subject, c.direction) for c in changes] == [("claim", direction)]


def test_results_without_claims_are_compared_all_the_same(judged: Judged) -> None:
    """Claims in one file only are no change."""
    run = judged("two_pass")
    assert compare(run, changed(run, claims=[claim("differs")])).changes == ()


def fault(text: str) -> Document:
    """Return the finding of an exception."""
    return {"id": text, "output": "", "kind": "error", "codes": [], "text": text}


def test_faults_are_matched_by_kind_as_many_as_there_are(judged: Judged) -> None:
    """An exception that says it otherwise is the same one; one more is new."""
    run = judged("two_pass")
    one = changed(run, findings=[fault("ValueError: no")])
    other = changed(run, findings=[fault("ValueError: never")])
    two = changed(run, findings=[fault("KeyError: 'x'"), fault("ValueError: no")])
    assert told(compare(one, other).changes, "changed") == [("finding", "")]
    (new,) = compare(one, two).regressed
    assert new.note == "KeyError: 'x'"
    assert told(compare(two, one).changes, "mended") == [("finding", "")]
