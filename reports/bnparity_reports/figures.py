"""Figures of the results as people read them, the same in every report."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from bnparity_reports.view import View

#: The outputs in the order of the columns.
OUTPUTS = ("output", "running_mean", "running_var", "grad_input", "grad_weight", "grad_bias")

#: The tight line: the harness calls ratios up to it accurate.
TIGHT = 4.0

#: The longest texts of others: a name in a line, a clause in a sentence, a text of its own.
_NAME, CLAUSE, TEXT = 72, 300, 1000


def ratio(value: float | None) -> str:
    """Return a ratio in three digits; the largest double stands for an infinite one.

    Examples
    --------
    >>> ratio(0.12345), ratio(14321.0)
    ('0.123', '1.4e+04')
    """
    if value is None:
        return ""
    if value >= sys.float_info.max:
        return "inf"
    return f"{value:.3g}" if value < 1000 else f"{value:.1e}"


def verdict(figures: View | None) -> str:
    """Return ``pass``, ``loose``, ``fail`` or ``not checked``, from the verdicts of the checks.

    Where the results do not have them, a ratio beyond the tight line counts as ``fail``: nothing
    says that the gate would have let it through.
    """
    if figures is None or not figures["checks"]:
        return "not checked"
    verdicts = {word for word, count in figures.get("verdicts", {}).items() if count}
    if not verdicts:
        return "pass" if figures["worst_ratio"] <= TIGHT else "fail"
    if verdicts <= {"pass"}:
        return "pass"
    return "loose" if verdicts <= {"pass", "loose"} else "fail"


def checked(backend: View) -> View:
    """Return the figures of the outputs that were checked, by name, in the order of `OUTPUTS`."""
    outputs = backend["outputs"]
    return {name: outputs[name] for name in OUTPUTS if name in outputs and outputs[name]["checks"]}


def sums(figures: View) -> str:
    """Return how an output's sums seem to be taken, and how their errors grow if they do.

    Examples
    --------
    >>> sums({"grade": "serial", "accumulation": {"exponent": 0.483}})
    'serial, n^0.48'
    >>> sums({"grade": "wide", "accumulation": {"exponent": 0.0}})
    'wide'
    """
    grade: str = figures["grade"] or ""
    exponent = figures.get("accumulation", {}).get("exponent")
    return f"{grade}, n^{exponent:.2g}" if grade == "serial" and exponent else grade


def drift(backend: View) -> str:
    """Return how far the running statistics drift over steps of one layer; nothing without it.

    Examples
    --------
    >>> measured = {"running_mean": {"max_ulp": 3.82, "worst_share": 0.0312}}
    >>> drift({"drift": {"steps": 100, "statistics": measured}})
    'over 100 steps running_mean drifts by up to 3.82 ulp, 0.0312 of what rounding may add up to'
    """
    if "drift" not in backend:
        return ""
    found = backend["drift"]["statistics"]
    each = (
        f"{name} drifts by up to {ratio(found[name]['max_ulp'])} ulp, "
        f"{ratio(found[name]['worst_share'])} of what rounding may add up to"
        for name in OUTPUTS
        if name in found
    )
    return f"over {counted(backend['drift']['steps'], 'step')} {'; '.join(each)}"


def earlier(backend: View) -> str:
    """Return what became of failures of earlier sessions; nothing where none was asked again.

    Examples
    --------
    >>> earlier({"earlier": {"asked": 2, "failing": 1}})
    '2 earlier failures asked again: 1 still fails, 1 mended'
    """
    if "earlier" not in backend:
        return ""
    asked, failing = (backend["earlier"][which] for which in ("asked", "failing"))
    still = f"{failing} still fail{'s' if failing == 1 else ''}" if failing else ""
    mended = f"{asked - failing} mended" if asked > failing else ""
    told = ", ".join(filter(None, (still, mended)))
    return f"{counted(asked, 'earlier failure')} asked again: {told}"


def followed(backend: View) -> str:
    """Return in how many claims a backend follows its documents; nothing where none was measured.

    The rest of them is news about the documents; what was not checked is told beside.

    Examples
    --------
    >>> followed({"claims": [{"verdict": word} for word in ("holds", "differs", "not checked")]})
    'follows its documentation in 1 of 2 claims, 1 more not checked'
    """
    verdicts = [claim["verdict"] for claim in backend.get("claims", [])]
    unchecked = verdicts.count("not checked")
    measured = len(verdicts) - unchecked
    if not measured:
        return ""
    text = f"follows its documentation in {verdicts.count('holds')} of {counted(measured, 'claim')}"
    return f"{text}, {unchecked} more not checked" if unchecked else text


def counted(count: float, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> counted(1, "case"), counted(3150, "case")
    ('1 case', '3,150 cases')
    """
    return f"{int(count):,} {noun}{'' if count == 1 else 's'}"


def shortest_name(name: str) -> str:
    """Return a backend's name without the folders of its file."""
    path, colon, attribute = name.rpartition(":")
    return f"{path.rsplit('/', 1)[-1]}{colon}{attribute}" if path.endswith(".py") else name


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return the names without folders, but with them where two would read the same."""
    short = [shortest_name(name) for name in names]
    return [
        whole if short.count(brief) > 1 else brief
        for whole, brief in zip(names, short, strict=True)
    ]


def printable(text: str, also: str = "") -> str:
    """Return `text` with question marks for what does not print, except the characters `also`.

    Examples
    --------
    >>> printable(f"red{chr(27)}[31m{chr(9)}x", also=chr(9)) == f"red?[31m{chr(9)}x"
    True
    """
    return "".join(char if char.isprintable() or char in also else "?" for char in text)


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return JSON with every text of it, keys too, changed by a function."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [with_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {change(key): with_texts(item, change) for key, item in value.items()}
    return value


def concerned(finding: View) -> list[str]:
    """Return the outputs that a finding is about."""
    outputs: list[str] = finding.get("outputs") or [finding["output"]]
    return outputs


def shortened(text: str, length: int = _NAME) -> str:
    """Return `text` with its middle left out where it is longer than `length`."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} … {text[-half:]}"
