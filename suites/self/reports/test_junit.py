"""The results as JUnit XML: a test for each backend and output, its failure the diagnosis."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from bnparity_reports.junit import render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Document = dict[str, Any]


def parsed(results: Document) -> dict[str | None, ET.Element]:
    """Return the tests of the first backend by name."""
    root = ET.fromstring(render(results))  # noqa: S314  # our own
    return {test.get("name"): test for test in root[0]}


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_valid_document_is_xml(
    documents: st.SearchStrategy[Document], data: st.DataObject
) -> None:
    """Whatever the schema allows can be read by a parser, and as UTF-8."""
    ET.fromstring(render(data.draw(documents)).encode())  # noqa: S314  # our own


def test_each_output_is_a_test(results: Document) -> None:
    """A backend that passes has six tests, none of which fails or is skipped."""
    root = ET.fromstring(render(results))  # noqa: S314  # our own
    assert [root.get(key) for key in ("tests", "failures", "skipped")] == ["6", "0", "0"]


def test_failure_has_the_diagnosis_and_the_command(results: Document, finding: Document) -> None:
    """The output that a finding concerns fails with its text; the others do not."""
    results["backends"][0]["findings"] = [finding]
    found = {name: test.find("failure") for name, test in parsed(results).items()}
    assert [name for name, failure in found.items() if failure is not None] == ["running_mean"]
    failure = found["running_mean"]
    assert failure is not None
    assert finding["text"] in (failure.text or "")
    assert "bnparity replay findings/kernel-924e4298a0" in (failure.text or "")


def test_finding_of_several_outputs_fails_each(results: Document, finding: Document) -> None:
    """No test is green of which something is known."""
    both = ["running_mean", "running_var"]
    results["backends"][0]["findings"] = [{**finding, "outputs": both}]
    failing = [name for name, test in parsed(results).items() if test.find("failure") is not None]
    assert failing == both


def test_fault_of_no_output_is_a_test_of_its_own(results: Document, finding: Document) -> None:
    """A crash is not lost because no output is wrong."""
    results["backends"][0]["findings"] = [{**finding, "output": "", "kind": "crash"}]
    failure = parsed(results)["calls"].find("failure")
    assert failure is not None
    assert failure.get("type") == "crash"


def test_failing_figures_without_a_finding_fail(results: Document, figures: Document) -> None:
    """What is beyond the gate is no pass, whether or not anything explains it."""
    results["backends"][0]["outputs"] = {"output": {**figures, "verdicts": {"fail": 4}}}
    assert parsed(results)["output"].find("failure") is not None


@pytest.mark.parametrize("status", ["unavailable", "pass"])
def test_unchecked_output_is_skipped(results: Document, status: str) -> None:
    """What was not checked is neither passed nor failed."""
    results["backends"][0].update(outputs={}, status=status, reason="no module")
    skipped = [test.find("skipped") for test in parsed(results).values()]
    assert [mark.get("message") for mark in skipped if mark is not None] == ["no module"] * 6
