"""The results as JUnit XML, which CI systems show: a test for each backend and output."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from bnparity_reports.figures import OUTPUTS, concerned, distinct_names, printable, shortened
from bnparity_reports.sections import View, commands, mark

#: The test of what concerns no output: crashes, hangs, exceptions.
CALLS = "calls"

_LONGEST = 10_000


def render(results: dict[str, Any]) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as JUnit XML."""
    backends = results["backends"]
    root = ET.Element("testsuites", name="bnparity", time=_seconds(results["run"]["duration_s"]))
    for backend, name in zip(backends, distinct_names([b["name"] for b in backends]), strict=True):
        root.append(_suite(backend, name))
    for attribute in ("tests", "failures", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, 0)) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(backend: View, name: str) -> ET.Element:
    suite = ET.Element("testsuite", name=_allowed(name), time=_seconds(backend["seconds"]))
    suite.extend(_tests(backend, name))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _tests(backend: View, name: str) -> Iterator[ET.Element]:
    for output in OUTPUTS:
        yield _test(backend, name, output)
    others = [f for f in backend["findings"] if not set(concerned(f)) & set(OUTPUTS)]
    if others:
        test = _case(name, CALLS)
        _fail(test, others, backend["name"])
        yield test


def _test(backend: View, name: str, output: str) -> ET.Element:
    test, of = _case(name, output), mark(backend["outputs"].get(output))
    found = [finding for finding in backend["findings"] if output in concerned(finding)]
    if found:
        _fail(test, found, backend["name"])
    elif of["verdict"] == "fail":
        text = f"worst ratio {of['ratio']}, beyond the any-order gate"
        ET.SubElement(test, "failure", type="fail", message=text).text = text
    elif of["verdict"] == "not checked":
        ET.SubElement(test, "skipped", message=_allowed(backend["reason"] or "not checked"))
    else:
        told = f"{of['verdict']}, worst ratio {of['ratio']}"
        ET.SubElement(test, "system-out").text = told
    return test


def _case(name: str, output: str) -> ET.Element:
    return ET.Element("testcase", classname=f"bnparity.{_allowed(name)}", name=output)


def _fail(test: ET.Element, findings: Sequence[View], backend: str) -> None:
    """Add what was found to a test, in one failure: CI systems show no more."""
    kinds = dict.fromkeys(finding["kind"] for finding in findings)
    message = _allowed(shortened(findings[0]["text"], 300))
    failure = ET.SubElement(test, "failure", type=", ".join(kinds), message=message)
    failure.text = "\n\n".join(_told(finding, backend) for finding in findings)


def _told(finding: View, backend: str) -> str:
    lines = [shortened(finding["text"], _LONGEST)]
    lines += commands(finding["repro"], backend) if finding["repro"] else []
    return "\n".join(map(_allowed, lines))


def _allowed(text: str) -> str:
    """Return `text` as XML can have it: what does not print becomes a question mark."""
    return printable(text, "\n\t")


def _seconds(seconds: float) -> str:
    return f"{min(max(seconds, 0.0), sys.maxsize):.3f}"
