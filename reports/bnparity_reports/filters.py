"""What a page can be narrowed to: the choices, and the words by which its parts are found."""

from collections.abc import Iterable, Sequence

from bnparity_reports.anchors import slug
from bnparity_reports.figures import OUTPUTS, shortened
from bnparity_reports.view import View

_VERDICTS = ("fail", "loose", "pass", "untrusted", "unavailable", "not checked")


def token(word: str) -> str:
    """Return the word that stands for `word` in an attribute of the page.

    Examples
    --------
    >>> token("inference, untracked"), token("./")
    ('inference-untracked', 'other')
    """
    return slug(word) or "other"


def filters(sections: Sequence[View]) -> list[View]:
    """Return the filters: for each a name, what it is called, and its choices."""
    cells = [cell for of in sections for cell in of["cells"]]
    found = [finding for of in sections for finding in of["findings"]]
    backends = [(of["anchor"], of["name"]) for of in sections]
    dtypes = [cell["dtype"] for cell in cells] + [f["dtype"] for f in found if f["dtype"]]
    modes = [cell["mode"] for cell in cells] + [f["mode"] for f in found if f["mode"]]
    return [
        {"name": name, "label": label, "choices": choices}
        for name, label, choices in (
            ("backend", "Backend", backends),
            ("output", "Output", _choices(OUTPUTS)),
            ("dtype", "dtype", _choices(sorted(dtypes))),
            ("mode", "Mode", _choices(sorted(modes))),
            ("verdict", "Verdict", _choices(_VERDICTS)),
        )
    ]


def _choices(words: Iterable[str]) -> list[tuple[str, str]]:
    return list({token(word): (token(word), shortened(word)) for word in words}.values())
