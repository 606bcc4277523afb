"""What failed in an earlier session is asked first, and tells whether it is mended."""

import shutil
from pathlib import Path

import pytest
from bnparity.backends import parse
from bnparity.results import Judgement, remove_mended, save, to_document
from bnparity.sessions import Plan
from bnparity.sessions.session import judge_backend

KERNEL = """
from right import RIGHT

def batch_norm(*args, momentum, **settings):
    return RIGHT["two_pass"](*args, momentum={momentum}, **settings)
"""
WRONG, MENDED = (
    KERNEL.format(momentum=text)
    for text in ("momentum if momentum is None else 1 - momentum", "momentum")
)


def judged(kernel: str, earlier: Path | None, **plan: object) -> Judgement:
    """Return the judgement on `kernel`, in a file of the current folder."""
    Path("kernel.py").write_text(kernel)
    asked = Plan(examples=25, in_process=True, earlier=earlier, **plan)  # type: ignore[arg-type]
    return judge_backend(parse("kernel.py:batch_norm"), asked, lambda *_: None, 60.0)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Judgement]:
    """Return a folder with what a session found wrong with a kernel, and what it said."""
    folder = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        judgement = judged(WRONG, None)
        document = to_document([judgement], seed=0, seconds=1.0, command="bnparity run")
        save(document, [judgement], folder)
    return folder, judgement


@pytest.fixture
def alone(session: tuple[Path, Judgement]) -> Judgement:
    """Return what the session said."""
    return session[1]


@pytest.fixture
def findings(
    session: tuple[Path, Judgement], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the findings of the session, to be changed, and be beside them."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(session[0] / "findings", tmp_path / "findings")
    return tmp_path / "findings"


def test_mended_failure_is_told_and_its_folder_removed(findings: Path) -> None:
    """It would stand there as if it still failed."""
    count = len(list(findings.iterdir()))
    judgement = judged(MENDED, findings)
    assert [earlier.fails for earlier in judgement.earlier] == [False] * count
    remove_mended([judgement])
    assert not findings.exists()


def test_failure_that_is_not_drawn_again_is_found_again(findings: Path, alone: Judgement) -> None:
    """Its smallest case stands as a finding where the session's own cases show nothing."""
    (case,) = {finding.case for finding in alone.findings}
    judgement = judged(WRONG, findings, stopped=stopping_after(len(list(findings.iterdir()))))
    assert {finding.case for finding in judgement.findings} == {case}
    assert all(earlier.fails for earlier in judgement.earlier)
    remove_mended([judgement])
    assert list(findings.iterdir())


def stopping_after(questions: int) -> object:
    """Return what lets a session ask about so many findings, and draw nothing."""
    left = iter([False] * (1 + questions))
    return lambda: next(left, True)


def test_earlier_failures_change_nothing_that_is_drawn(findings: Path, alone: Judgement) -> None:
    """They count as cases, beside as many as were asked for."""
    after = judged(WRONG, findings)
    assert after.totals.cases == alone.totals.cases + len(after.earlier)
    assert [finding.case for finding in after.findings] == [f.case for f in alone.findings]


@pytest.mark.parametrize("plan", [{"dialect": "mindspore"}, {"dtypes": ("float64",)}], ids=str)
def test_case_that_the_session_could_not_draw_is_left_alone(
    findings: Path, plan: dict[str, object]
) -> None:
    """Another dialect or format is another question."""
    kernel = MENDED + 'batch_norm.dtypes = ("float32", "float64")\n'
    assert judged(kernel, findings, **plan).earlier == ()


def test_findings_of_others_are_left_alone(findings: Path) -> None:
    """A function of the same name in another folder is another backend."""
    (folder,) = findings.iterdir()
    folder.rename(folder.with_name(f"elsewhere-{folder.name}"))
    assert judged(MENDED, findings).earlier == ()


def test_finding_that_cannot_be_read_is_left_alone(findings: Path) -> None:
    """Another version may have written it."""
    (folder,) = findings.iterdir()
    (folder / "finding.json").write_text("{}")
    assert judged(MENDED, findings).earlier == ()
