"""The worst loose case of each output is kept, written, and saved as a folder to replay."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.backends.worker.limits import Limits
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.kernels.numpy_kernel import batch_norm
from bnparity.results.document import dump, read, to_document, write
from bnparity.results.judgement import Judgement
from bnparity.results.merge import merged
from bnparity.results.saving import found_from_here, save_loosest
from bnparity.sessions import OpenBackends, Plan, read_finding, replay_finding


def loose(ratio: float, batch: int) -> CaseResult:
    """Return a case result of the local kernel, its output declared loose by a ratio."""
    case, dialect = Case(shape=(batch, 3), gradient=False), declaration("torch").dialect
    result = run_case(in_process(batch_norm), case, dialect)
    first, *others = result.checks
    return replace(result, checks=(replace(first, verdict="loose", ratio=ratio), *others))


@pytest.fixture
def judgement() -> Judgement:
    """Return a judgement with three loose cases of one output."""
    made = Judgement(name="numpy", interpreter="python", dialect="torch")
    for ratio, batch in ((30.0, 4), (300.0, 5), (3.0, 6)):
        made.totals.add(loose(ratio, batch))
    return made


def document(*judgements: Judgement) -> dict[str, Any]:
    """Return results without a session."""
    return to_document(judgements, seed=0, seconds=0.0, command="")


def test_worst_case_is_written(judgement: Judgement, tmp_path: Path) -> None:
    """The case of the largest ratio, where there is a loose one, and no other output's."""
    write(tmp_path / "r.json", dump(document(judgement)))
    outputs = read(tmp_path / "r.json")["backends"][0]["outputs"]
    worst = outputs["output"]["worst_case"]
    assert (worst["ratio"], worst["case"]["shape"], worst["repro"]) == (300.0, [5, 3], None)
    assert [name for name in outputs if "worst_case" in outputs[name]] == ["output"]


def test_worst_of_the_parts_is_that_of_the_whole(judgement: Judgement) -> None:
    """Parts that are judged apart lose nothing."""
    other = Judgement(name="numpy", interpreter="python", dialect="torch")
    other.totals.add(loose(500.0, 7))
    parts = document(judgement, other)["backends"]
    assert merged(parts)["outputs"]["output"]["worst_case"]["case"]["shape"] == [7, 3]


def test_folder_can_be_replayed_and_is_no_finding(judgement: Judgement, tmp_path: Path) -> None:
    """It says what it is, and asking again is no failure."""
    saved = save_loosest(document(judgement), [judgement], tmp_path, Limits())
    worst = found_from_here(saved, tmp_path)["backends"][0]["outputs"]["output"]["worst_case"]
    folder = Path(worst["repro"]).parent
    assert folder == tmp_path / "findings" / "loose" / "numpy-output"
    finding = json.loads((folder / "finding.json").read_text())
    assert finding["kind"] == "loose"
    told = "no finding, but the worst loose case: training on [5, 3] with no gradients asked, "
    assert finding["text"].startswith(told)
    with closing(OpenBackends(Plan(in_process=True))) as place:
        replayed = replay_finding(read_finding(folder), place)
    assert replayed.fails is False
    assert "shape=(5, 3)" in replayed.text


def test_backend_that_fails_has_no_such_folder(judgement: Judgement, tmp_path: Path) -> None:
    """Its findings are what to look at."""
    judgement.reason = "it is gone"
    assert judgement.loosest is None
    save_loosest(document(judgement), [judgement], tmp_path, Limits())
    assert list(tmp_path.iterdir()) == []
