"""Every word that bnparity prints has a page."""

import json
import shlex
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from bnparity.backends.call import Kind
from bnparity.backends.errors import UsageError
from bnparity.cli import run_command
from bnparity.frontends.commands.explain import page, pages
from bnparity.judging.accumulation import Grade
from bnparity.judging.verdicts import Verdict
from bnparity.porting.claims.claim import Verdict as OfClaim
from bnparity_reference import CONVENTIONS, Dialect


def printed() -> Iterator[str]:
    """Yield the words of the code's own enumerations."""
    schema = json.loads(files("bnparity.results").joinpath("results.schema.json").read_text())
    definitions = schema["$defs"]
    yield from definitions["backend"]["properties"]["status"]["enum"]
    yield from definitions["finding"]["properties"]["kind"]["enum"]
    for words in (Kind, Verdict, Grade):
        yield from get_args(words)
    for field, values in get_type_hints(Dialect).items():
        yield field
        yield from (f"{field}={value}" for value in get_args(values) if isinstance(value, str))
    yield from (f"{field}={v}" for field, values in CONVENTIONS.items() for v in values)
    yield from ("accumulation=half", "ratio", "bound", "checks", "drift", "claims")
    yield from ("coverage", "suspicions", "space", "regressed", "mended")


@pytest.mark.parametrize("word", list(dict.fromkeys(printed())))
def test_every_word_has_a_page(word: str) -> None:
    """Whatever a verdict, a finding, a grade or a convention is called is explained."""
    assert len(page(word)) > 20


def test_claims_are_explained_with_their_verdicts() -> None:
    """The page of a claim has the words that are said of one."""
    text = page("claim").replace("it differs", "differs")
    assert all(word in text for word in get_args(OfClaim)), text


def test_value_comes_with_its_convention() -> None:
    """Of a value its own sentence comes first, then what the convention is about."""
    first, second = page("momentum=old").split("\n")
    assert "m * running + (1 - m) * batch" in first
    assert second.startswith("momentum: ")


def test_convention_comes_with_all_its_values() -> None:
    """Who asks for a convention sees what there is to choose from."""
    assert [line.partition(":")[0] for line in page("running_update").split("\n")[1:]] == [
        "running_update=training",
        "running_update=always",
        "running_update=never",
    ]


@pytest.mark.parametrize(
    ("typo", "meant"), [("losse", "loose"), ("momentum=odl", "momentum=old"), ("vacous", "vacuous")]
)
def test_typo_is_told_what_was_meant(typo: str, meant: str) -> None:
    """A word that is none has one line with the nearest that is."""
    with pytest.raises(UsageError, match=f"did you mean {meant}"):
        page(typo)


def test_words_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a word all of them are told, those of values below their conventions."""
    assert run_command(["explain"]) == 0
    told = capsys.readouterr().out.replace(",", " ").split()
    assert {word for word in pages() if "=" not in word and " " not in word} <= set(told)


def test_last_line_explains_what_was_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that is printed at the end can be copied, and knows the words."""
    monkeypatch.chdir(folder)
    words = ["run", "wrong.py:batch_norm", "--examples", "30", "--in-process"]
    assert run_command(words) == 1
    *_, command, other = capsys.readouterr().out.splitlines()
    assert command == "next: bnparity explain momentum=old"
    assert other == "      -v tells more; --html FILE writes a page to look at"
    assert run_command(shlex.split(command)[2:]) == 0
