"""The results as Markdown: the summary of a job, or a comment on a pull request.

Whatever others have written is in code spans, in which nothing is markup.
"""

from collections.abc import Callable, Iterator, Sequence

from bnparity_reports.changes import blocks as changes
from bnparity_reports.changes import code
from bnparity_reports.figures import (
    OUTPUTS,
    TEXT,
    checked,
    counted,
    distinct_names,
    followed,
    shortened,
)
from bnparity_reports.news import headline, is_known, news_of
from bnparity_reports.sections import commands, mark
from bnparity_reports.view import View

#: A summary of a job may have a megabyte; more findings than this are for the page.
MOST_FINDINGS = 50


def render(results: View) -> str:
    """Return `results` (of the schema ``bnparity-results/1``) as GitHub-flavoured Markdown."""
    backends = results["backends"]
    named = list(zip(backends, distinct_names([b["name"] for b in backends]), strict=True))
    blocks = ["## BatchNorm parity", *_news(results)]
    blocks.append(_table(named) if named else "No backend was judged.")
    findings = [(name, finding) for backend, name in named for finding in backend["findings"]]
    known = [(name, finding) for name, finding in findings if is_known(finding)]
    fresh = [(name, finding) for name, finding in findings if not is_known(finding)]
    blocks += _listed(fresh, "new finding" if headline(results) else "finding", _finding)
    blocks += _listed(known, "known finding", _known)
    if unchecked := [line for backend, name in named for line in _unchecked(backend, name)]:
        blocks.append("### Not checked\n\n" + "\n".join(unchecked))
    run = results["run"]
    blocks.append(f"Seed {run['seed']}: {code(shortened(run['command'], TEXT))}")
    return "\n\n".join(blocks) + "\n"


def _news(results: View) -> Iterator[str]:
    """Yield what is news, as blocks: the line, what else is wrong, and what changed."""
    if head := headline(results):
        yield f"**{head}**"
    news = news_of(results)
    if others := [problem for problem in news["problems"] if problem["kind"] != "regressed"]:
        yield "\n".join(f"- {code(shortened(p['text'], TEXT))}" for p in others)
    if news["comparison"]:
        yield from changes(news["comparison"])


def _listed(
    findings: Sequence[tuple[str, View]], noun: str, told: Callable[[str, View], str]
) -> Iterator[str]:
    """Yield a section of findings with their names; nothing where there are none."""
    if findings:
        shown = "\n".join(told(name, finding) for name, finding in findings[:MOST_FINDINGS])
        yield f"### {counted(len(findings), noun)}\n\n{shown}"
    if (left := len(findings) - MOST_FINDINGS) > 0:
        yield f"{counted(left, f'more {noun}')}: see the page, or the results."


def _table(named: list[tuple[View, str]]) -> str:
    """Return the matrix: worst ratios, and the verdict on those that are no pass."""
    heading = ["backend", "verdict", *(code(output) for output in OUTPUTS), "documentation"]
    rows = [heading, ["---"] * len(heading), *(_row(*backend) for backend in named)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(backend: View, name: str) -> list[str]:
    subject = " ".join(shortened(word) for word in (name, backend["version"]) if word)
    marks = [_mark(backend["outputs"].get(output)) for output in OUTPUTS]
    claims = followed(backend).removeprefix("follows its documentation in ")
    accepted = backend["findings"] and all(map(is_known, backend["findings"]))
    status = f"**{backend['status']}**" + (", known" if accepted else "")
    return [code(subject).replace("|", "\\|"), status, *marks, claims or "-"]


def _mark(figures: View | None) -> str:
    of = mark(figures)
    word = "" if of["verdict"] == "pass" else f"{of['verdict']} "
    return f"{word}{of['ratio']}".strip()


def _finding(name: str, finding: View) -> str:
    text = code(shortened(finding["text"], TEXT))
    line = (
        f"- {code(shortened(name))}: {finding['kind']}, {counted(finding['count'], 'case')}: {text}"
    )
    if finding["repro"] is None:
        return line
    return f"{line}; reproduce: {code(commands(finding['repro'], name)[0])}"


def _known(name: str, finding: View) -> str:
    text, reason = (code(shortened(finding[key], TEXT)) for key in ("text", "known"))
    return f"- {code(shortened(name))}: {reason}: {text}"


def _unchecked(backend: View, name: str) -> list[str]:
    subject = code(shortened(name))
    if backend["status"] == "unavailable":
        return [f"- {subject}: {code(shortened(backend['reason'], TEXT))}"]
    missing = [code(output) for output in OUTPUTS if output not in checked(backend)]
    lines = [f"- {subject}: no check of {', '.join(missing)}"] if missing else []
    if stopped := backend.get("stopped"):
        lines.append(f"- {subject}: {code(shortened(stopped, TEXT))}")
    for question, count in backend.get("unsupported", {}).items():
        why = code(shortened(question, TEXT))
        lines.append(f"- {subject}: {counted(count, 'case')} not judged: {why}")
    for what, reason in backend.get("not_asked", {}).items():
        lines.append(f"- {subject}: {code(what)} not asked: {code(reason)}")
    return lines
