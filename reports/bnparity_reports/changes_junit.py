"""What two runs say differently as JUnit XML: a suite for each backend, a test for each change."""

from xml.etree import ElementTree as ET

from bnparity_reports.changes import sentence, summary
from bnparity_reports.junit import case, document, fail, suite, tell
from bnparity_reports.view import View


def render(diff: View) -> str:
    """Return the document that ``bnparity diff --json`` writes as JUnit XML.

    What regressed fails; the rest passes, and says what changed.
    """
    names = dict.fromkeys(change["backend"] or "the run" for change in diff["changes"])
    suites = [suite(name, _tests(name, diff["changes"])) for name in names]
    return document(suites or [suite("the run", [_quiet(diff)])])


def _tests(name: str, changes: list[View]) -> list[ET.Element]:
    return [_test(name, change) for change in changes if (change["backend"] or "the run") == name]


def _test(name: str, change: View) -> ET.Element:
    test = case(name, " ".join(filter(None, (change["subject"], change["where"]))))
    told = sentence({**change, "backend": ""}, str)
    if change["direction"] == "regressed":
        fail(test, "regressed", told)
    else:
        tell(test, f"{change['direction']}: {told}")
    return test


def _quiet(diff: View) -> ET.Element:
    test = case("the run", "changes")
    tell(test, summary(diff))
    return test
