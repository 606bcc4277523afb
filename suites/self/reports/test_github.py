"""Annotations of GitHub Actions: one line each, escaped, and only for what is news."""

import re
from pathlib import Path
from typing import Any

import pytest
from bnparity_reports.github import render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Document = dict[str, Any]

LINE = re.compile(r"::error (file=[^:,]*,)?title=[^:,]*::.*")


def problem(**parts: Any) -> Document:
    """Return a problem of nobody's, but for `parts`."""
    return {"kind": "known", "text": "x", "backend": "", "outputs": [], "file": "", **parts}


def news(*problems: Document) -> Document:
    """Return what a run with these problems says."""
    return {"baseline": None, "known": "k", "comparison": None, "problems": list(problems)}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_valid_document_is_lines_of_annotations(
    documents: st.SearchStrategy[Document], data: st.DataObject
) -> None:
    """Whatever others have written, no line is another command."""
    for line in render(data.draw(documents)).split("\n")[:-1]:
        assert LINE.fullmatch(line), line


def test_finding_names_the_file_of_its_function(results: Document, finding: Document) -> None:
    """The path leads from here, where the repository is, also if the backend's was whole."""
    for name in ("src/k.py:f", str(Path.cwd() / "src/k.py:f")):
        results["backends"][0].update(name=name, findings=[finding])
        line = render(results)
        assert line.startswith("::error file=src/k.py,title=BatchNorm parity%2C k.py%3Af%3A sem")
        assert "%0Apython findings/kernel-924e4298a0/repro.py" in line


def test_finding_of_a_framework_has_no_file(results: Document, finding: Document) -> None:
    """There is none in the repository."""
    results["backends"][0]["findings"] = [finding]
    assert render(results).startswith("::error title=")


def test_known_finding_has_no_annotation(results: Document, finding: Document) -> None:
    """A pull request is told of news alone."""
    results["backends"][0]["findings"] = [{**finding, "known": "by design"}]
    assert render(results) == ""


def test_problem_names_the_file_to_mend(results: Document) -> None:
    """That of the declared deviations, or else the backend's."""
    text = render({**results, "news": news(problem(file="known.toml"), problem(backend="k.py:f"))})
    assert [line.partition(",")[0] for line in text.splitlines()] == [
        "::error file=known.toml",
        "::error file=k.py",
    ]


@pytest.mark.parametrize(
    ("text", "escaped"), [("5 %", "5 %25"), ("a\r\nb", "a%0D%0Ab"), ("a: b, c", "a: b, c")]
)
def test_text_is_escaped_as_the_runner_reads_it(text: str, escaped: str, results: Document) -> None:
    """A percent sign and line breaks; colons and commas only in properties."""
    assert render({**results, "news": news(problem(text=text))}).endswith(f"::{escaped}\n")
