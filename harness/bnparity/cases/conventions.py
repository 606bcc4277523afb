"""What the conventions mean, in words: `conventions.toml` holds them, a page for each."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from bnparity.cases.dialects import value_text


@cache
def convention_pages() -> Mapping[str, str]:
    """Return what is said of each convention, by its field, and of each value, by FIELD=VALUE."""
    text = files("bnparity.cases").joinpath("conventions.toml").read_text(encoding="utf-8")
    return {word: page.strip() for word, page in tomllib.loads(text).items()}


def value_in_words(field: str, value: object) -> str:
    """Return what is said of a value of a convention; nothing of a number.

    Examples
    --------
    >>> value_in_words("running_variance", "unbiased")
    'The sum of squares divided by n - 1.'
    """
    return convention_pages().get(f"{field}={value_text(value)}", "")
