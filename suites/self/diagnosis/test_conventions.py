"""What a backend declares beside what its outputs show."""

import math
from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.dialects import declaration
from bnparity.diagnosis import evidence
from bnparity.diagnosis.candidates import SOLVERS
from bnparity.diagnosis.conventions import Measured, measure
from bnparity.frontends.commands.session import table
from bnparity.results.judgement import Judgement
from bnparity.sessions.session import MEASURING_EVIDENCE
from bnparity_reference import CONVENTIONS
from hunting.evaluations import evaluation_of
from planted.catalogue import planted
from planted.kernel import Kernel, kernel

TORCH = declaration("torch")


NEVER_SHOWN = {"scalar_format", "single_value"}


def measured(
    backend: Kernel, *, examples: int = 400, min_values: int = 0, **drawn: Any
) -> dict[str, Measured]:
    """Return the conventions of a kernel that declares torch's, by field."""
    evaluation = evaluation_of(in_process(backend), min_values=min_values, **drawn)
    evaluation.most_evidence = MEASURING_EVIDENCE
    evaluation.run(seed=1, examples=examples, deadline=math.inf, report=lambda: None)
    rows = measure(evaluation.evidence, evaluation.dialect, evaluation.diagnoses)
    return {row.field: row for row in rows}


def test_right_kernel_follows_every_convention_for_certain() -> None:
    """Each other value of each convention contradicts something that it returned."""
    rows = measured(kernel())
    assert list(rows) == [name for name in CONVENTIONS if name not in SOLVERS]
    assert not [row for row in rows.values() if row.deviates]
    # float32 data do not show what float32 takes from eps, nor anybody what is refused.
    assert {row.field for row in rows.values() if not row.certain} == NEVER_SHOWN


def test_convention_that_never_showed_is_not_called_measured() -> None:
    """Without empty batches, what they do is unknown."""
    rows = measured(kernel(), examples=150, min_values=2)
    assert not rows["empty_batch"].certain
    assert rows["momentum"].certain


def test_nothing_is_certain_after_the_deadline() -> None:
    """Where time is up, conventions are told as not seen, and not taken for measured."""
    evaluation = evaluation_of(in_process(kernel()))
    evaluation.run(seed=1, examples=40, deadline=math.inf, report=lambda: None)
    rows = measure(evaluation.evidence, evaluation.dialect, (), deadline=0.0)
    assert list({row.certain for row in rows}) == [False]


@pytest.mark.parametrize("far", [0.0, math.inf], ids=["all are far", "none is far"])
def test_what_is_looked_at_first_makes_no_difference(
    far: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far off an output has to be to be judged before others is a guess about time alone."""
    rows = measured(kernel(), examples=150)
    monkeypatch.setattr(evidence, "FAR", far)
    assert measured(kernel(), examples=150) == rows


@pytest.mark.parametrize(
    ("fault", "field", "value", "outputs"),
    [
        ("momentum=old", "momentum", "old", ("running_mean", "running_var")),
        ("running_variance=biased", "running_variance", "biased", ("running_var",)),
        ("eval_statistics=batch", "eval_statistics", "batch", None),
        ("eps_floor=0.001", "eps_floor", "0.001", None),
    ],
)
def test_deviation_is_measured_where_it_is(
    fault: str, field: str, value: str, outputs: tuple[str, ...] | None
) -> None:
    """The convention that is not followed is, in the outputs concerned, another one for certain."""
    rows = measured(planted(fault).make())
    assert {row.field for row in rows.values() if row.deviates} == {field}
    assert (rows[field].value, rows[field].certain) == (value, True)
    if outputs is not None:
        assert rows[field].outputs == outputs


def test_two_deviations_are_measured_each_in_its_outputs() -> None:
    """What several diagnoses have in common is told once, of all their outputs."""
    rows = measured(planted("old-momentum-and-biased-variance").make())
    assert rows["momentum"].outputs == ("running_mean", "running_var")
    assert rows["running_variance"].outputs == ("running_var",)


def test_nothing_seen_is_nothing_measured() -> None:
    """Without evidence no convention is certain, not even one of accuracy."""
    assert not any(row.certain for row in measure([], TORCH.dialect, ()))


def test_table_marks_what_deviates_and_what_is_not_seen() -> None:
    """A reader sees at once which line is not as declared."""
    rows = (
        Measured(
            field="momentum",
            declared="new",
            value="old",
            outputs=("running_mean",),
            certain=True,
            throughout=False,
        ),
        Measured(field="eps", declared="applied", value="applied", outputs=(), certain=False),
    )
    judgement = Judgement(
        name="mine", interpreter="python", version="1", dialect="torch", conventions=rows
    )
    assert table([judgement]).splitlines() == [
        "mine 1 declares the dialect torch; 0 cases",
        "  convention  declared  measured",
        "! momentum    new       old in running_mean",
        "  eps         applied   not seen",
        "as measured: --dialect torch (but for momentum)",
    ]


def test_table_gives_the_reason_of_an_unavailable_backend() -> None:
    """Nothing is measured of what is not installed."""
    judgement = Judgement(name="mindspore", interpreter="python", reason="not installed")
    assert table([judgement]) == "mindspore: not installed\n"
