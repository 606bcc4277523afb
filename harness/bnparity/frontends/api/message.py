"""What a failed assertion says: each finding, the element that decided it, how to replay."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from bnparity.judging import Check, ratio_text
from bnparity.results import Backend, Finding, Judgement, loose_outputs, too_loose


def message(judgement: Judgement, results: Backend, folder: Path, before: Mapping[str, str]) -> str:
    """Return why a test of `judgement` fails: by its findings, without any check, or as loose.

    `results` are the same as results have it; they name what replays a finding, from `folder`.
    What another test has told `before`, by the ids of findings, is not told at length again.
    """
    head = f"{judgement.name}, judged by the dialect {judgement.dialect} in"
    lines = [f"{head} {judgement.totals.cases} cases: {judgement.status}"]
    if not judgement.totals.checks:
        unsupported = judgement.totals.unsupported.items()
        reasons = ", ".join(f"{text} ({count} cases)" for text, count in unsupported)
        lines.append("nothing was checked: " + (reasons or "no case got an answer"))
    if judgement.status == "loose":
        lines.append(too_loose(judgement.name, loose_outputs(results)))
    for finding, shown in zip(judgement.findings, results["findings"], strict=True):
        if finding.id in before:
            short = finding.text.partition("; in the smallest case")[0]
            lines.append(f"{finding.kind}: {short} (see {before[finding.id]})")
            continue
        lines += ["", *_told(finding)]
        if shown["repro"]:
            path = _from_here((folder / shown["repro"]).parent)
            words = ["bnparity", "replay", path, "--backend", judgement.name]
            lines.append(f"  replay: {shlex.join(words)}")
    return "\n".join(lines)


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _told(finding: Finding) -> list[str]:
    lines = [f"{finding.kind}: {finding.text} ({finding.count} cases)"]
    if finding.case_result is not None:
        checks = finding.case_result.checks
        lines += [_element(check) for check in checks if check.verdict != "pass"]
        lines += [f"    {frame}" for frame in finding.traceback.splitlines()]
        lines += [f"  printed: {line}" for line in finding.printed.splitlines()]
        lines.append(f"  {finding.case}")
    return lines


def _element(check: Check) -> str:
    ratio = ratio_text(check.ratio)
    return f"  {check.verdict}: {check.told()}, bound {check.bound:.3g}, ratio {ratio}"
