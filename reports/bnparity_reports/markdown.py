"""The results as Markdown: the summary of a job, or a comment on a pull request.

Whatever others have written is in code spans, in which nothing is markup.
"""

from typing import Any

from bnparity_reports.changes import code
from bnparity_reports.figures import OUTPUTS, checked, counted, distinct_names, followed, shortened
from bnparity_reports.sections import View, commands, mark

#: A summary of a job may have a megabyte; more findings than this are for the page.
MOST_FINDINGS = 50

#: The longest diagnosis that is quoted.
_LONGEST = 1000


def render(results: dict[str, Any]) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as GitHub-flavoured Markdown."""
    backends = results["backends"]
    named = list(zip(backends, distinct_names([b["name"] for b in backends]), strict=True))
    blocks = ["## BatchNorm parity", _table(named) if named else "No backend was judged."]
    findings = [(name, finding) for backend, name in named for finding in backend["findings"]]
    if findings:
        shown = "\n".join(_finding(name, f) for name, f in findings[:MOST_FINDINGS])
        blocks.append(f"### {counted(len(findings), 'finding')}\n\n{shown}")
    if (left := len(findings) - MOST_FINDINGS) > 0:
        blocks.append(f"{counted(left, 'more finding')}: see the page, or the results.")
    if unchecked := [line for backend, name in named for line in _unchecked(backend, name)]:
        blocks.append("### Not checked\n\n" + "\n".join(unchecked))
    run = results["run"]
    blocks.append(f"Seed {run['seed']}: {code(shortened(run['command'], _LONGEST))}")
    return "\n\n".join(blocks) + "\n"


def _table(named: list[tuple[View, str]]) -> str:
    """Return the matrix: worst ratios, and the verdict on those that are no pass."""
    heading = ["backend", "verdict", *(code(output) for output in OUTPUTS), "documentation"]
    rows = [heading, ["---"] * len(heading), *(_row(*backend) for backend in named)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(backend: View, name: str) -> list[str]:
    subject = " ".join(shortened(word) for word in (name, backend["version"]) if word)
    marks = [_mark(backend["outputs"].get(output)) for output in OUTPUTS]
    claims = followed(backend).removeprefix("follows its documentation in ")
    return [code(subject).replace("|", "\\|"), f"**{backend['status']}**", *marks, claims or "-"]


def _mark(figures: View | None) -> str:
    of = mark(figures)
    word = "" if of["verdict"] == "pass" else f"{of['verdict']} "
    return f"{word}{of['ratio']}".strip()


def _finding(name: str, finding: View) -> str:
    text = code(shortened(finding["text"], _LONGEST))
    line = (
        f"- {code(shortened(name))}: {finding['kind']}, {counted(finding['count'], 'case')}: {text}"
    )
    if finding["repro"] is None:
        return line
    return f"{line}; reproduce: {code(commands(finding['repro'], name)[0])}"


def _unchecked(backend: View, name: str) -> list[str]:
    subject = code(shortened(name))
    if backend["status"] == "unavailable":
        return [f"- {subject}: {code(shortened(backend['reason'], _LONGEST))}"]
    missing = [code(output) for output in OUTPUTS if output not in checked(backend)]
    lines = [f"- {subject}: no check of {', '.join(missing)}"] if missing else []
    for question, count in backend.get("unsupported", {}).items():
        why = code(shortened(question, _LONGEST))
        lines.append(f"- {subject}: {counted(count, 'case')} not asked: {why}")
    for what, reason in backend.get("not_asked", {}).items():
        lines.append(f"- {subject}: {code(what)} not asked: {code(reason)}")
    return lines
