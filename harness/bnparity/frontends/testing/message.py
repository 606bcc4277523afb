"""What a failing test says: each finding in words, the element that decided it, how to replay."""

import shlex
from pathlib import Path

from bnparity.judging import Check, ratio_text
from bnparity.results import Backend, Finding, Judgement


def message(judgement: Judgement, results: Backend, folder: Path) -> str:
    """Return why a test of `judgement` fails: with one finding at least, or without any check.

    `results` are the same as results have it; they name what replays a finding, from `folder`.
    """
    head = f"{judgement.name}, judged by the dialect {judgement.dialect} in"
    lines = [f"{head} {judgement.totals.cases} cases: {judgement.status}"]
    if not judgement.totals.checks:
        unsupported = judgement.totals.unsupported.items()
        reasons = ", ".join(f"{text} ({count} cases)" for text, count in unsupported)
        lines.append("nothing was checked: " + (reasons or "no case got an answer"))
    for finding, shown in zip(judgement.findings, results["findings"], strict=True):
        lines += ["", *_told(finding)]
        if shown["repro"]:
            path = str((folder / shown["repro"]).parent)
            words = ["bnparity", "replay", path, "--backend", judgement.name]
            lines.append(f"  replay: {shlex.join(words)}")
    return "\n".join(lines)


def _told(finding: Finding) -> list[str]:
    lines = [f"{finding.kind}: {finding.text} ({finding.count} cases)"]
    if finding.case_result is not None:
        checks = finding.case_result.checks
        lines += [_element(check) for check in checks if check.verdict != "pass"]
        lines.append(f"  {finding.case}")
    return lines


def _element(check: Check) -> str:
    index = ", ".join(map(str, check.index))
    got, expected = check.texts
    return (
        f"  {check.verdict}: {check.output}[{index}]: got {got}, expected {expected}, "
        f"bound {check.bound:.3g}, ratio {ratio_text(check.ratio)}"
    )
