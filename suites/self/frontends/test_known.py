"""The exit code and all that a run leaves behind agree on what is news, and on what is known."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bnparity.backends import parse
from bnparity.cli import run_command
from bnparity.frontends.commands import expecting
from bnparity.frontends.commands.output import exit_code, leave
from bnparity.results import Document, Judgement, writer
from bnparity.sessions import Plan, judge_backends
from reproducing import OLD_MOMENTUM, RIGHT

BACKEND = "k.py:batch_norm"
#: Whatever folder it is in.
ANY = f"*{BACKEND}"
PLAN = Plan(examples=40, in_process=True)
ENTRY = '[[known]]\nbackend = "{backend}"\n{words}\nreason = "agreed upon"\n'
MOMENTUM = ENTRY.format(backend=ANY, words='code = "momentum=old"')
GONE = ENTRY.format(backend=ANY, words='code = "eps=ignored"')
PAST = ENTRY.format(backend=ANY, words='code = "momentum=old"\nuntil = "1.0"')


def judged(folder: Path, source: str) -> list[Judgement]:
    """Return what a session makes of the kernel that `source` defines."""
    (folder / "k.py").write_text(source)
    return list(judge_backends([parse(str(folder / BACKEND))], PLAN, lambda *_: None))


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a run leaves behind."""

    code: int
    terminal: str
    junit: ET.Element
    markdown: str
    html: str
    annotations: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Runs:
    """A wrong kernel and a right one, each judged once; baselines of both lie in `folder`."""

    folder: Path
    wrong: list[Judgement]
    right: list[Judgement]

    def leave(self, judgements: list[Judgement], known: str | None, base: str | None) -> Document:
        """Write the reports of a run, beside what is expected of it."""
        (self.folder / "known.toml").write_text(known or "")
        expected = expecting.expected(
            None if base is None else self.folder / base,
            None if known is None else self.folder / "known.toml",
            None,
            (),
            (),
        )
        files = {name: self.folder / f"r.{name}" for name in ("html", "markdown", "junit")}
        start = time.monotonic()
        return leave(judgements, PLAN, start, self.folder / "r.json", files, expected=expected)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Return both kernels judged, and their results as baselines."""
    folder = tmp_path_factory.mktemp("known")
    made = Runs(folder=folder, wrong=judged(folder, OLD_MOMENTUM), right=judged(folder, RIGHT))
    for name in ("wrong", "right"):
        made.leave(getattr(made, name), None, None)
        (folder / "r.json").rename(folder / f"{name}.json")
    return made


def outputs(
    runs: Runs,
    judgements: list[Judgement],
    known: str | None,
    base: str | None,
    capsys: pytest.CaptureFixture[str],
) -> Outputs:
    """Return all that a run leaves behind which expects this."""
    capsys.readouterr()
    document = runs.leave(judgements, known, base)
    texts = {name: (runs.folder / f"r.{name}").read_text() for name in ("html", "markdown")}
    return Outputs(
        code=exit_code(document),
        terminal=capsys.readouterr().out,
        junit=ET.parse(runs.folder / "r.junit").getroot(),  # noqa: S314  # our own
        annotations=writer("github")(document).splitlines(),
        **texts,
    )


NEW = "1 new finding"
SCENARIOS = {
    "nothing known": ("wrong", None, None, 1, ""),
    "all known": ("wrong", MOMENTUM, None, 0, "nothing new; 1 known finding stands"),
    "all in the baseline": (
        "wrong",
        None,
        "wrong.json",
        0,
        "nothing changed; 1 known finding stands",
    ),
    "one new": ("wrong", "", "right.json", 1, NEW),
    "entry out of date": (
        "wrong",
        MOMENTUM + GONE,
        None,
        1,
        "1 problem; 1 known finding stands",
    ),
    "version has come": ("wrong", PAST, None, 1, "1 new finding; 1 problem"),
    "baseline and known": ("wrong", MOMENTUM, "right.json", 0, "nothing new; 1 known finding"),
    "mended": ("right", None, "wrong.json", 0, "1 mended"),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_all_outputs_agree(scenario: str, runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    """Red is red everywhere, and what is known is known everywhere, in the same line."""
    which, known, base, code, headline = SCENARIOS[scenario]
    left = outputs(runs, getattr(runs, which), known, base, capsys)
    assert left.code == code
    assert (left.junit.get("failures") != "0") == bool(code)
    assert bool(left.annotations) == bool(code)
    assert headline in left.terminal
    assert headline in left.markdown.partition("| backend |")[0]
    shown = re.search(r'<p id="news"><strong>(.*?)</strong>', left.html)
    assert headline in (shown[1] if shown else "")


def test_known_finding_has_its_reason_everywhere(
    runs: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks why it does not fail is answered where they look."""
    left = outputs(runs, runs.wrong, MOMENTUM, None, capsys)
    skipped = {mark.get("message") for mark in left.junit.iter("skipped")}
    assert "known: agreed upon" in skipped
    for text in (left.terminal, left.markdown, left.html):
        assert "agreed upon" in text
        assert "1 known finding" in text


def test_problem_is_told_everywhere_in_one_line(
    runs: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    """An entry that matches nothing is named with its file, number and remedy."""
    left = outputs(runs, runs.right, GONE, None, capsys)
    told = f"known.toml: entry 1 ({ANY}, code eps=ignored) matches no finding: remove it"
    (annotation,) = left.annotations
    (failure,) = left.junit.iter("failure")
    for text in (annotation, str(failure.get("message")), left.markdown, left.html):
        assert told in text


def test_command_takes_what_is_known(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file the run is green; its results are reported again as they were."""
    monkeypatch.chdir(runs.folder)
    (runs.folder / "k.py").write_text(OLD_MOMENTUM)
    (runs.folder / "known.toml").write_text(MOMENTUM)
    words = ["run", BACKEND, "--examples", "20", "--in-process", "--known", "known.toml"]
    assert run_command([*words, "--json", "again.json", "--github"]) == 0
    first = capsys.readouterr().out
    assert "::error" not in first
    assert run_command(["report", "again.json", "--junit", "again.xml"]) == 0
    assert "known: agreed upon" in (runs.folder / "again.xml").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--fail-on", "lose"], "--fail-on lose (did you mean loose?)"),
        (["--known", "gone.toml"], "--known 'gone.toml' cannot be read"),
        (["--known", "known.toml", "--json", "known.toml"], "would be written over"),
    ],
)
def test_mistake_is_one_line(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is told before anything is judged or written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "known.toml").write_text("")
    assert run_command(["run", "numpy", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert (tmp_path / "known.toml").read_text() == ""
