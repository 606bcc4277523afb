"""The page of words: what `bnparity explain` says of each word that is printed."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files

from site_pages.markdown import page, plain

_FIRST = """
What the words mean that bnparity prints, as `bnparity explain WORD` says it. The names of
conventions have [their own page](conventions.md).
""".strip()


def words_page() -> str:
    """Return a section for each group of words, with a paragraph for each word."""
    text = files("bnparity.frontends.commands").joinpath("words.toml").read_text("utf-8")
    return page("Words", _FIRST, _groups(tomllib.loads(text)))


def _groups(groups: dict[str, dict[str, str]]) -> Iterator[str]:
    for group in groups.values():
        yield f"## {group['title']}"
        for word, text in group.items():
            if word != "title":
                yield f"### {word}\n\n{_shown(text.strip())}"


def _shown(text: str) -> str:
    """Return what is said of a word; lines of code in it as code."""
    before, code, after = text.partition("def ")
    if not code:
        return plain(text)
    inside, _, after = after.partition("\nWhat ")
    return f"{plain(before)}\n\n```python\ndef {inside}\n```\n\nWhat {plain(after)}"
