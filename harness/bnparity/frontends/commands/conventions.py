"""Conventions as declared, documented and measured: for a terminal, and for the results."""

from collections.abc import Sequence

from bnparity.diagnosis import Measured
from bnparity.results import Judgement

_HEADER = ("convention", "declared", "measured")


def table(judgements: Sequence[Judgement]) -> str:
    """Return the conventions of every backend as text, those that deviate marked with a ``!``."""
    return "\n".join(_of_backend(judgement) for judgement in judgements)


def _of_backend(judgement: Judgement) -> str:
    title = f"{judgement.name} {judgement.version}".strip()
    if judgement.reason:
        return f"{title}: {judgement.reason}\n"
    rows = [_HEADER, *(_row(measured) for measured in judgement.conventions)]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    lines = [f"{title} declares the dialect {judgement.dialect}; {judgement.totals.cases} cases"]
    marks = " ", *("!" if measured.deviates else " " for measured in judgement.conventions)
    lines += [
        f"{mark} {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}"
        for mark, row in zip(marks, rows, strict=True)
    ]
    lines += [f"! {f.text}" for f in judgement.findings if not f.codes]
    return "\n".join(lines) + "\n"


def _row(measured: Measured) -> tuple[str, str, str]:
    found = measured.value
    if not measured.certain:
        found = f"{found}?" if measured.deviates else "not seen"
    if measured.outputs:
        found += f" in {', '.join(measured.outputs)}"
    return measured.field, measured.declared, found
