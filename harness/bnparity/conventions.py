"""Conventions as declared, documented and measured: for a terminal, and for the results."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnparity.semantics import Measured
from bnparity.session import Judgement

#: What claims are about, by the convention that they are statements of: the ends of their ids.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "momentum": ("momentum-function", "relation"),
    "eps": ("eps-range",),
    "weight": ("affine",),
    "bias": ("affine",),
    "train_statistics": ("true-true", "true", "none"),
    "eval_statistics": ("false-true", "false"),
    "running_update": ("true-true", "false-true", "true", "false", "update"),
}

_HEADER = ("convention", "declared", "measured")


def table(judgements: Sequence[Judgement]) -> str:
    """Return the conventions of every backend as text, those that deviate marked with a ``!``."""
    return "\n".join(_of_backend(judgement) for judgement in judgements)


def to_json(judgement: Judgement) -> list[dict[str, Any]]:
    """Return the conventions of a backend as results have them, with the claims about each."""
    return [
        {**vars(row), "outputs": list(row.outputs), "claims": _claims(row.field, judgement)}
        for row in judgement.conventions
    ]


def _claims(field: str, judgement: Judgement) -> list[str]:
    topics = TOPICS.get(field, ())
    ids = [(a.claim.id, f"-{a.claim.api}-") for a in judgement.claims]
    return [name for name, api in ids if name.partition(api)[2] in topics]


def _of_backend(judgement: Judgement) -> str:
    title = f"{judgement.name} {judgement.version}".strip()
    if judgement.reason:
        return f"{title}: {judgement.reason}\n"
    rows = [_HEADER, *(_row(measured) for measured in judgement.conventions)]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    lines = [f"{title} declares the dialect {judgement.dialect}; {judgement.tally.cases} cases"]
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
