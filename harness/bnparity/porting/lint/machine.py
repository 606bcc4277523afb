"""Mistakes for machines: JSON, annotations of GitHub's, and SARIF."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bnparity.porting.lint.catalogue import RULES
from bnparity.porting.lint.rule import Mistake, Rule

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(mistakes: Sequence[Mistake]) -> str:
    """Return mistakes as a list of objects."""
    return f"{json.dumps([_object(mistake) for mistake in mistakes], indent=1)}\n"


def _object(mistake: Mistake) -> dict[str, Any]:
    fields = dict(vars(mistake))
    edit = fields.pop("edit")
    return {**fields, "edit": None if edit is None else vars(edit)}


def as_github(mistakes: Sequence[Mistake]) -> str:
    """Return mistakes as commands that GitHub Actions shows at the lines of a change."""
    return "".join(f"{_annotation(mistake)}\n" for mistake in mistakes)


def _annotation(mistake: Mistake) -> str:
    places = (
        f"file={_property(mistake.path)},line={mistake.line},endLine={mistake.end_line},"
        f"col={mistake.column},endColumn={mistake.end_column},title={mistake.code}"
    )
    return f"::error {places}::{_escaped(_told(mistake))}"


def _told(mistake: Mistake) -> str:
    return f"{mistake.message}: {mistake.remedy}" if mistake.remedy else mistake.message


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(mistakes: Sequence[Mistake]) -> str:
    """Return mistakes as SARIF 2.1.0."""
    codes = {mistake.code for mistake in mistakes}
    driver = {
        "name": "bnparity",
        "rules": [_rule(rule) for rule in RULES if rule.code in codes],
    }
    run = {"tool": {"driver": driver}, "results": [_result(mistake) for mistake in mistakes]}
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return f"{json.dumps(log, indent=1)}\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.sentence}."},
        "helpUri": rule.document,
    }


def _result(mistake: Mistake) -> dict[str, Any]:
    region = {
        "startLine": mistake.line,
        "startColumn": mistake.column,
        "endLine": mistake.end_line,
        "endColumn": mistake.end_column,
    }
    artifact = {"uri": Path(mistake.path).as_posix()}
    return {
        "ruleId": mistake.code,
        "level": "warning",
        "message": {"text": _told(mistake)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
