"""Names of places in a page, so that a single finding can be linked to.

A name depends on what it stands for and not on its place in the results: a link keeps its target
when the page is made anew with one more backend.
"""

import re
from collections.abc import Iterable
from itertools import count

#: Of one part; the id of a finding, the last part, is what tells one from another.
_LONGEST = 60


def slug(*parts: str) -> str:
    """Return parts as one word of letters, digits and hyphens.

    Examples
    --------
    >>> slug("finding", "my/kernel.py:batch_norm", "924e4298a0")
    'finding-my-kernel-py-batch_norm-924e4298a0'
    """
    words = (re.sub(r"[^A-Za-z0-9_]+", "-", part)[:_LONGEST].strip("-") for part in parts)
    return "-".join(word for word in words if word)


def unique(slugs: Iterable[str]) -> list[str]:
    """Return the slugs with numbers behind those that were taken already."""
    taken: dict[str, None] = {}
    for wanted in slugs:
        numbered = (f"{wanted}-{number}" for number in count(2))
        free = wanted if wanted not in taken else next(n for n in numbered if n not in taken)
        taken[free] = None
    return list(taken)
