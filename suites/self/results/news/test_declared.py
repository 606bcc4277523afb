"""The file of known deviations: what its entries cover, and one line for what is wrong in it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.errors import UsageError
from bnparity.results.news.declared import KINDS, Entry, declared_in

WHOLE = """
[[known]]
backend = "torch*"
code = "running_variance=biased"
output = "running_var"
until = "2.14"
reason = "the paper has it so"

[[known]]
backend = "mindspore[graph]"
kind = "error"
reason = "reported"
"""


def entry(**words: str) -> Entry:
    """Return an entry about a backend called b, as `words` say."""
    return Entry(number=1, **{"backend": "b", "reason": "r", **words})


def written(folder: Path, text: str) -> Path:
    """Return a file of this text."""
    path = folder / "known.toml"
    path.write_text(text)
    return path


def test_entries_are_read_in_order(tmp_path: Path) -> None:
    """They are counted from 1, as messages name them."""
    known = declared_in(written(tmp_path, WHOLE))
    assert [str(entry) for entry in known.entries] == [
        "entry 1 (torch*, code running_variance=biased, output running_var)",
        "entry 2 (mindspore[graph], kind error)",
    ]


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("torch", "torch", True),
        ("torch", "torch[compile]", False),
        ("torch*", "torch[compile]", True),
        ("mindspore[graph]", "mindspore[graph]", True),
        ("mindspore[graph]", "mindsporeg", False),
        ("*/k.py:f", "src/k.py:f", True),
    ],
)
def test_backend_is_a_name_or_a_pattern(pattern: str, name: str, meant: bool) -> None:
    """Brackets are a variant's, not a set of characters."""
    assert entry(backend=pattern).about(name) == meant


@pytest.mark.parametrize(
    ("version", "ended"),
    [
        ("2.13.1+cpu", False),
        ("2.14.0", True),
        ("2.14.0a0+git1", True),
        ("2.9", False),
        ("3", True),
        ("", True),
    ],
)
def test_until_is_a_version_that_is_excused_no_more(version: str, ended: bool) -> None:
    """Numbers are compared as numbers; a backend without a version has no such date."""
    assert entry(until="2.14").ended(version) == ended
    assert not entry().ended(version)


def test_entry_covers_what_all_its_words_apply_to() -> None:
    """An output and a code together excuse the code in that output alone."""
    finding: dict[str, Any] = {"id": "a1", "kind": "semantics"}
    both = entry(code="momentum=old", output="running_var")
    assert both.covers(finding, "running_var", "momentum=old")
    assert not both.covers(finding, "running_mean", "momentum=old")
    assert not both.covers(finding, "running_var", "eps=ignored")
    assert not entry(finding="a2").covers(finding, "running_var", "momentum=old")


HEAD = '[[known]]\nbackend = "torch"\n'
MISTAKES = {
    "no TOML": ("known = [", "is no TOML"),
    "single table": ('[known]\nbackend = "torch"', "write each entry below [[known]]"),
    "no table": ("known = [1]", "entry 1 is 1, no table"),
    "other top": ("konwn = 1", "nothing is called 'konwn'"),
    "unknown key": (HEAD + 'raeson = "x"', "'raeson' (did you mean reason?)"),
    "no reason": (HEAD + 'code = "eps=ignored"', "entry 1 has no reason"),
    "empty reason": (HEAD + 'reason = " "', "reason is ' '"),
    "no backend": ('[[known]]\nreason = "x"', "entry 1 has no backend"),
    "nothing meant": (HEAD + 'reason = "x"', "add code, finding, output, kind"),
    "unknown code": (HEAD + 'code = "runing_variance=biased"', "did you mean running_variance?"),
    "unknown output": (HEAD + 'output = "ouput"', "did you mean output?"),
    "unknown kind": (HEAD + 'kind = "eror"', "did you mean error?"),
    "no version": (HEAD + 'until = "torch 2.14"', "write the number of a version: 2.14"),
    "number": (HEAD + "until = 2.14", "until is 2.14; write words in quotes"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_with_its_place(mistake: str, tmp_path: Path) -> None:
    """The message names the file, the entry, the value and the remedy, in one line."""
    text, told = MISTAKES[mistake]
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        declared_in(path)
    assert told in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_kinds_are_those_of_the_results() -> None:
    """Whatever kind a finding can have, an entry can name."""
    schema = json.loads(files("bnparity.results").joinpath("results.schema.json").read_text())
    assert schema["$defs"]["finding"]["properties"]["kind"]["enum"] == list(KINDS)


def test_missing_file_is_a_mistake(tmp_path: Path) -> None:
    """A path that is wrong excuses nothing in silence."""
    with pytest.raises(UsageError, match="cannot be read"):
        declared_in(tmp_path / "gone.toml")
