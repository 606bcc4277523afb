"""What a user can get wrong: one exception whose message is one line that says how to mend it."""

import sys
from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(Exception):
    """The words of a command or a file are wrong; the message names the value and the remedy."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that `word` was probably meant to be, or nothing.

    Examples
    --------
    >>> did_you_mean("flaot32", ["float32", "float64"])
    ' (did you mean float32?)'
    """
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def not_imported(module: str, error: ImportError, remedy: str) -> dict[str, str]:
    """Return what a probe says of a framework that cannot be imported here."""
    return {"reason": f"{module} cannot be imported in {sys.executable}: {error}; {remedy}"}
