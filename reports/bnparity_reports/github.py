"""What is news as annotations of GitHub Actions: a line for each finding and each problem.

The runner reads them from the output of a step. In them a percent sign, a line break and, in a
property, a colon and a comma have to be escaped.
"""

from pathlib import Path

from bnparity_reports.figures import distinct_names, printable, shortened
from bnparity_reports.news import news_of, split
from bnparity_reports.sections import commands
from bnparity_reports.view import View

#: The longest text that is worth an annotation: the runner cuts them at 4096 bytes.
_LONGEST = 1000


def render(results: View) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as annotations, one a line."""
    backends = results["backends"]
    names = distinct_names([backend["name"] for backend in backends])
    lines = [
        _of_finding(backend["name"], name, finding)
        for backend, name in zip(backends, names, strict=True)
        for finding in split(backend["findings"])[0]
    ]
    return "".join([*lines, *map(_of_problem, news_of(results)["problems"])])


def _of_finding(backend: str, name: str, finding: View) -> str:
    lines = [shortened(finding["text"], _LONGEST)]
    lines += commands(finding["repro"], backend)[:1] if finding["repro"] else []
    return _annotation(_file_of(backend), f"{name}: {finding['kind']}", lines)


def _of_problem(problem: View) -> str:
    file = problem["file"] or _file_of(problem["backend"])
    title = problem["backend"] or problem["file"] or "bnparity"
    return _annotation(file, title, [shortened(problem["text"], _LONGEST)])


def _annotation(file: str, title: str, lines: list[str]) -> str:
    properties = {"file": _relative(file), "title": f"BatchNorm parity, {shortened(title)}"}
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::error {told}::{_text(chr(10).join(lines))}\n"


def _file_of(backend: str) -> str:
    """Return the file of a backend that is a function in one; nothing of any other."""
    path, colon, _ = backend.rpartition(":")
    return path if colon and path.endswith(".py") else ""


def _relative(file: str) -> str:
    """Return a path as it leads from here, where the repository is."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


def _text(words: str) -> str:
    r"""Return the text of an annotation.

    Examples
    --------
    >>> _text("50 %\r\nof all")
    '50 %25%0D%0Aof all'
    """
    escaped = words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(words: str) -> str:
    """Return the value of a property.

    Examples
    --------
    >>> _property("k.py:f, as it is")
    'k.py%3Af%2C as it is'
    """
    return _text(words).replace(":", "%3A").replace(",", "%2C")
