"""Conventions as results have them, with what documents say of each."""

from collections.abc import Mapping
from typing import Any

from bnparity.results.judgement import Judgement

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
