"""Parts of a session that are merged say what the whole session would have said."""

from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import run_case
from bnparity.kernels import numpy_kernel
from bnparity.results.document import to_document
from bnparity.results.findings import Finding
from bnparity.results.judgement import Judgement
from bnparity.results.merge import merged

CASES = [
    Case(shape=shape, training=training, recipe=Recipe(seed=seed, conditioning=seed % 4))
    for shape in ((4, 3), (2, 3, 5))
    for training in (True, False)
    for seed in range(6)
]


def backend(*judgements: Judgement) -> list[dict[str, Any]]:
    """Return judgements as results have them."""
    backends: list[dict[str, Any]] = to_document(judgements, seed=0, seconds=0, command="")[
        "backends"
    ]
    return backends


def judgement(cases: list[Case]) -> Judgement:
    """Return what `cases` tell of the NumPy kernel."""
    made = Judgement(name="numpy", interpreter="python", version="1", dialect="torch")
    ask, dialect = in_process(numpy_kernel.batch_norm), declaration("torch").dialect
    for case in cases:
        made.totals.add(run_case(ask, case, dialect))
    return made


def finding(identity: str, shape: tuple[int, ...] | None, count: int = 1) -> Finding:
    """Return a finding of some identity, shown by a case of `shape`."""
    return Finding(
        id=identity,
        output="output",
        kind="vacuous" if shape is None else "semantics",
        codes=(),
        text=str(shape),
        ratio=None,
        case=None if shape is None else Case(shape=shape),
        count=count,
    )


@pytest.mark.parametrize("cut", [1, 5, 12, len(CASES) - 1])
def test_figures_are_those_of_the_whole(cut: int) -> None:
    """Wherever the cases are divided: within cells, or between them."""
    (whole,) = backend(judgement(CASES))
    assert merged(backend(judgement(CASES[:cut]), judgement(CASES[cut:]))) == whole


def test_same_finding_is_one_with_the_smallest_case() -> None:
    """It counts all cases, and shows the one that is easiest to read."""
    parts = [judgement(CASES[:2]) for _ in range(3)]
    shapes = ((4, 3), (2, 1), None)
    for part, shape in zip(parts, shapes, strict=True):
        part.findings = (finding("same", shape, count=2),)
    (found,) = merged(backend(*parts))["findings"]
    assert found["text"] == "(2, 1)"
    assert found["count"] == 6


def test_other_findings_stay_apart() -> None:
    """What differs is told twice."""
    parts = [judgement(CASES[:2]), judgement(CASES[:2])]
    for part, identity in zip(parts, ("a", "b"), strict=True):
        part.findings = (finding(identity, (2, 1)),)
    assert [found["id"] for found in merged(backend(*parts))["findings"]] == ["a", "b"]


def test_whole_is_no_better_than_its_worst_part() -> None:
    """A part that failed, or could not be trusted, is not outvoted."""
    good, vacuous, failing = (judgement(CASES[:2]) for _ in range(3))
    vacuous.findings = (finding("v", None),)
    failing.findings = (finding("f", (2, 1)),)
    assert merged(backend(good, vacuous))["status"] == "untrusted"
    assert merged(backend(good, vacuous, failing))["status"] == "fail"


def test_version_is_that_of_a_part_which_knows_it() -> None:
    """Of a part that never came to its end, nothing is known."""
    lost = Judgement(name="numpy", interpreter="python")
    assert merged(backend(lost, judgement(CASES[:2])))["version"] == "1"
