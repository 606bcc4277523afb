"""How mistakes are written, by the name of the format."""

from collections.abc import Callable, Mapping, Sequence

from bnparity.porting.lint.machine import as_github, as_json, as_sarif
from bnparity.porting.lint.rule import Mistake
from bnparity.porting.lint.text import as_text

LINT_FORMATS: Mapping[str, Callable[[Sequence[Mistake]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
