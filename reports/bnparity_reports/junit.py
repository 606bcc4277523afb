"""The results as JUnit XML, which CI systems show: a test for each backend and output."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree as ET

from bnparity_reports.figures import (
    CLAUSE,
    OUTPUTS,
    concerned,
    distinct_names,
    printable,
    shortened,
)
from bnparity_reports.news import news_of, split
from bnparity_reports.sections import commands, mark
from bnparity_reports.view import View

#: The test of what concerns no output: crashes, hangs, exceptions.
CALLS = "calls"

_LONGEST = 10_000


def render(results: View) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as JUnit XML."""
    backends, news = results["backends"], news_of(results)
    names = distinct_names([backend["name"] for backend in backends])
    suites = []
    for backend, name in zip(backends, names, strict=True):
        problems = [p for p in news["problems"] if p["backend"] == backend["name"]]
        tests = _tests(backend, name, problems, news["baseline"])
        suites.append(suite(name, tests, backend["seconds"]))
    present = {backend["name"] for backend in backends}
    if others := [p for p in news["problems"] if p["backend"] not in present]:
        suites.append(suite("the run", [_of_problem("the run", p) for p in others]))
    return document(suites, results["run"]["duration_s"])


def document(suites: Sequence[ET.Element], seconds: float = 0.0) -> str:
    """Return a file of suites, with their counts."""
    root = ET.Element("testsuites", name="bnparity", time=_seconds(seconds))
    root.extend(suites)
    for attribute in ("tests", "failures", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, 0)) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def suite(name: str, tests: Iterable[ET.Element], seconds: float = 0.0) -> ET.Element:
    """Return a suite of tests, with their counts."""
    made = ET.Element("testsuite", name=allowed(name), time=_seconds(seconds))
    made.extend(tests)
    made.set("tests", str(len(made)))
    made.set("failures", str(len(made.findall("testcase/failure"))))
    made.set("errors", "0")
    made.set("skipped", str(len(made.findall("testcase/skipped"))))
    return made


def _tests(
    backend: View, name: str, problems: Sequence[View], baseline: str | None
) -> Iterator[ET.Element]:
    for output in OUTPUTS:
        own = [problem["text"] for problem in problems if output in problem["outputs"]]
        yield _test(backend, name, output, own, baseline)
    others = [f for f in backend["findings"] if not set(concerned(f)) & set(OUTPUTS)]
    if others:
        test = case(name, CALLS)
        _find(test, others, backend["name"], [])
        yield test
    yield from (_of_problem(name, p) for p in problems if not set(p["outputs"]) & set(OUTPUTS))


def _test(
    backend: View, name: str, output: str, problems: Sequence[str], baseline: str | None
) -> ET.Element:
    test, of = case(name, output), mark(backend["outputs"].get(output))
    found = [finding for finding in backend["findings"] if output in concerned(finding)]
    if found or problems:
        _find(test, found, backend["name"], problems)
    elif of["verdict"] == "fail" and baseline is None:
        fail(test, "fail", f"worst ratio {of['ratio']}, beyond the any-order gate")
    elif of["verdict"] == "fail":  # a comparison with the baseline has found nothing new in it
        skip(test, f"known: in {baseline}")
    elif of["verdict"] == "not checked":
        skip(test, backend["reason"] or "not checked")
    else:
        tell(test, f"{of['verdict']}, worst ratio {of['ratio']}")
    return test


def _of_problem(name: str, problem: View) -> ET.Element:
    test = case(name, problem["kind"])
    fail(test, problem["kind"], problem["text"])
    return test


def _find(
    test: ET.Element, findings: Sequence[View], backend: str, problems: Sequence[str]
) -> None:
    """Add what was found to a test, in one mark: CI systems show no more."""
    fresh, known = split(findings)
    if not fresh and not problems:
        skip(test, f"known: {'; '.join(dict.fromkeys(f['known'] for f in known))}")
        return
    kinds = dict.fromkeys(finding["kind"] for finding in fresh) or {"fail": None}
    texts = [*(_told(finding, backend) for finding in fresh), *problems]
    texts += [f"known ({finding['known']}): {finding['text']}" for finding in known]
    fail(test, ", ".join(kinds), "\n\n".join(shortened(text, _LONGEST) for text in texts))


def _told(finding: View, backend: str) -> str:
    lines = [finding["text"]]
    lines += commands(finding["repro"], backend) if finding["repro"] else []
    return "\n".join(lines)


def case(name: str, what: str) -> ET.Element:
    """Return a test of something in a suite."""
    return ET.Element("testcase", classname=f"bnparity.{allowed(name)}", name=allowed(what))


def fail(test: ET.Element, kind: str, text: str) -> None:
    """Have a test fail; the first line of a text is its message."""
    message = allowed(shortened(text.partition("\n")[0], CLAUSE))
    ET.SubElement(test, "failure", type=kind, message=message).text = allowed(text)


def skip(test: ET.Element, why: str) -> None:
    """Have a test be skipped."""
    ET.SubElement(test, "skipped", message=allowed(why))


def tell(test: ET.Element, text: str) -> None:
    """Have a test that passes say something."""
    ET.SubElement(test, "system-out").text = allowed(text)


def allowed(text: str) -> str:
    """Return `text` as XML can have it: what does not print becomes a question mark."""
    return printable(text, "\n\t")


def _seconds(seconds: float) -> str:
    return f"{min(max(seconds, 0.0), sys.maxsize):.3f}"
