"""What a failing test says: each finding in words, the element that decided it, how to replay."""

import shlex
from pathlib import Path

from bnparity.judging import Check
from bnparity.results import Backend, Finding, Judgement


def message(judgement: Judgement, results: Backend, folder: Path) -> str:
    """Return why a test of `judgement` fails.

    Parameters
    ----------
    judgement
        With one finding at least, or without any check.
    results
        The same as results have it, whose findings name what replays them.
    folder
        What these names are relative to.
    """
    head = f"{judgement.name}, judged by the dialect {judgement.dialect} in"
    lines = [f"{head} {judgement.totals.cases} cases: {judgement.status}"]
    if not judgement.totals.checks:
        lines.append("nothing was checked: " + _why_not(judgement))
    for finding, shown in zip(judgement.findings, results["findings"], strict=True):
        lines += ["", *_told(finding)]
        if shown["repro"]:
            lines.append("  " + _replay((folder / shown["repro"]).parent, judgement.name))
    return "\n".join(lines)


def _why_not(judgement: Judgement) -> str:
    reasons = [f"{text} ({count} cases)" for text, count in judgement.totals.unsupported.items()]
    return ", ".join(reasons) or "no case got an answer"


def _told(finding: Finding) -> list[str]:
    lines = [f"{finding.kind}: {finding.text} ({finding.count} cases)"]
    if finding.case_result is not None:
        checks = finding.case_result.checks
        lines += [_element(check) for check in checks if check.verdict != "pass"]
        lines.append(f"  {finding.case}")
    return lines


def _element(check: Check) -> str:
    index = ", ".join(map(str, check.index))
    return (
        f"  {check.verdict}: {check.output}[{index}]: got {check.got:.9g}, expected "
        f"{check.expected:.9g}, bound {check.bound:.3g}, ratio {check.ratio:.3g}"
    )


def _replay(path: Path, backend: str) -> str:
    return "replay: " + shlex.join(["bnparity", "replay", str(path), "--backend", backend])
