"""Results as files: of the published schema, written whole or not at all."""

import json
import math
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bnparity.backends.errors import UsageError
from bnparity.diagnosis.conventions import Measured
from bnparity.judging.accumulation import Accumulation
from bnparity.judging.drift import Drift, Statistic, Wrong
from bnparity.judging.probes import Point
from bnparity.judging.verdicts import UNBOUNDED, Check
from bnparity.porting.claims.catalogue import CLAIMS
from bnparity.porting.claims.claim import Answer, Measurement
from bnparity.results.document import TOPICS, dump, read, to_document, write
from bnparity.results.figures import TOP_BIN, ZERO_BIN, Figures
from bnparity.results.judgement import Judgement


def checked(ratio: float) -> Check:
    """Return a check with `ratio`."""
    return Check(
        output="output", verdict="pass", ratio=ratio, index=(), got=0, expected=0, bound=1, ulp=0.5
    )


def document(*judgements: Judgement) -> dict[str, Any]:
    """Return the results of a session."""
    return to_document(judgements, seed=0, seconds=1.0, command="bnparity run")


def test_schema_is_a_schema() -> None:
    """The published file is valid JSON Schema."""
    schema = json.loads(files("bnparity.results").joinpath("results.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Results survive a file."""
    results = document(Judgement(name="f", interpreter="python", reason="it is not here"))
    write(tmp_path / "r.json", dump(results))
    assert read(tmp_path / "r.json") == results


@pytest.mark.parametrize("kept", [0, 1, 40, 200])
def test_truncated_results_are_a_mistake(tmp_path: Path, kept: int) -> None:
    """A file cut anywhere is told from results, by name."""
    text = dump(document(Judgement(name="f", interpreter="python")))
    (tmp_path / "cut.json").write_text(text[:kept])
    with pytest.raises(UsageError, match=r"cut\.json"):
        read(tmp_path / "cut.json")


def test_results_of_another_shape_are_a_mistake(tmp_path: Path) -> None:
    """The message says where the schema is left."""
    results = document(Judgement(name="f", interpreter="python"))
    results["backends"][0]["status"] = "splendid"
    write(tmp_path / "r.json", dump(results))
    with pytest.raises(UsageError, match=r"backends/0/status.*splendid"):
        read(tmp_path / "r.json")


def test_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    """A file is replaced whole, and no temporary one stays behind."""
    path = tmp_path / "r.json"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("ratio", "edge"),
    [(0.0, ZERO_BIN), (1.0, 0.0), (3.0, 1.5), (0.75, -0.5), (UNBOUNDED, TOP_BIN)],
)
def test_histogram_bins_are_half_octaves(ratio: float, edge: float) -> None:
    """A ratio lies in the bin whose lower edge is its log2, rounded down to a half."""
    figures = Figures()
    figures.add(checked(ratio))
    assert set(figures.bins) == {edge}


def test_failures_are_counted_by_ratio_too() -> None:
    """Of the checks beyond the tight line, those that the gate let through are told apart."""
    figures = Figures()
    for verdict in ("pass", "loose", "fail", "fail"):
        figures.add(replace(checked(8.0), verdict=verdict))
    written = figures.to_json()
    assert written["histogram"] == {"3": 4}
    assert written["failed"] == {"3": 2}


def test_conventions_are_written_with_the_claims_about_them(tmp_path: Path) -> None:
    """A convention names the statements of documents that are about it, and no others."""
    judgement = Judgement(name="f", interpreter="python")
    row = Measured(field="momentum", declared="new", value="old", outputs=(), certain=True)
    judgement.conventions = (row,)
    judgement.claims = tuple(
        Answer(claim=claim, measurement=Measurement(verdict="holds", evidence=""))
        for claim in CLAIMS
        if claim.id in {"2d-torch-relation", "2d-torch-eps"}
    )
    write(tmp_path / "r.json", dump(document(judgement)))
    (written,) = read(tmp_path / "r.json")["backends"][0]["conventions"]
    assert (written["declared"], written["value"]) == ("new", "old")
    assert written["claims"] == ["2d-torch-relation"]


def test_every_topic_of_a_convention_is_some_claims() -> None:
    """No convention looks for a statement that no document makes."""
    ends = {claim.id.partition(f"-{claim.api}-")[2] for claim in CLAIMS}
    assert {topic for topics in TOPICS.values() for topic in topics} <= ends


def test_median_is_right_to_half_an_octave() -> None:
    """The median comes from the histogram: memory does not grow with the checks."""
    figures = Figures()
    for i in range(1, 1002):
        figures.add(checked(i / 1000))
    median = figures.to_json()["median_ratio"]
    assert abs(math.log2(median / 0.501)) <= 0.5


def test_grade_is_written_with_what_it_was_inferred_from(tmp_path: Path) -> None:
    """An output's grade and measurements follow the schema; without them it is null."""
    judgement = Judgement(name="f", interpreter="python")
    judgement.totals.outputs = {"output": Figures(), "grad_bias": Figures()}
    judgement.accumulations = {
        "grad_bias": Accumulation(
            grade="serial",
            exponent=0.5,
            conditioning_exponent=None,
            points=(Point(n=64, conditioning=0.0, error=math.inf, scatter=1.0),),
        )
    }
    write(tmp_path / "r.json", dump(document(judgement)))
    outputs = read(tmp_path / "r.json")["backends"][0]["outputs"]
    assert outputs["output"]["grade"] is None
    assert outputs["grad_bias"]["grade"] == "serial"
    assert outputs["grad_bias"]["accumulation"]["exponent"] == 0.5
    assert outputs["grad_bias"]["accumulation"]["points"][0]["error"] is None


_WRONG = Check(
    output="output",
    verdict="fail",
    ratio=9.0,
    index=(0, 1),
    got=1.5,
    expected=1.0,
    bound=0.05,
    ulp=99.0,
)


def test_drift_is_written_where_it_was_measured(tmp_path: Path) -> None:
    """The drift of a backend's layers follows the schema; without layers there is no such key."""
    driven, plain = (Judgement(name=name, interpreter="python") for name in ("layer", "function"))
    driven.drift = Drift(
        steps=9,
        statistics={"running_mean": Statistic(ulp=2.0, share=0.5, path=(1.0, 2.0))},
        wrong={"output": Wrong(steps=3, first=2, check=_WRONG)},
    )
    write(tmp_path / "r.json", dump(document(driven, plain)))
    backends = read(tmp_path / "r.json")["backends"]
    figures = {"max_ulp": 2.0, "worst_share": 0.5, "path": [1.0, 2.0]}
    wrong = {"steps": 3, "first": 2, **_WRONG.element()}
    assert backends[0]["drift"] == {
        "steps": 9,
        "statistics": {"running_mean": figures},
        "wrong": {"output": wrong},
    }
    assert "drift" not in backends[1]


def test_status_is_the_worst_that_is_known() -> None:
    """Nothing checked is untrusted, and a reason makes it unavailable."""
    assert Judgement(name="f", interpreter="python").status == "untrusted"
    assert Judgement(name="f", interpreter="python", reason="gone").status == "unavailable"
