"""`bnparity explain`: a page for each word that the tool prints; `words.toml` holds them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

from typer import Argument

from bnparity.backends import UsageError, did_you_mean
from bnparity.cases import convention_pages
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.telling import filled


def explain(
    words: Annotated[
        list[str] | None, Argument(help="As loose, or momentum=old; none lists them all.")
    ] = None,
) -> int:
    """Say what a word that bnparity prints means."""
    pages = [_list()] if not words else [f"{word}: {page(word)}" for word in words]
    print("\n\n".join(_paragraphs(text) for text in pages))
    return ACCEPTABLE


def page(word: str) -> str:
    """Return what is said of a word; a `UsageError` if it is none of the tool's.

    Of a value of a convention it is the value's sentence and the convention's, of a convention the
    sentences of all its values.
    """
    known = pages()
    name = next((n for n in (word, word.removesuffix("s")) if n in known), None)
    if name is None:
        name, _, value = word.partition("=")
        if name in known and (value in known or _is_number(value)):
            return " ".join([known[name], known.get(value, "")]).strip()
        raise UsageError(
            f"{word!r} is no word of bnparity's: bnparity explain lists them"
            f"{did_you_mean(word, known)}"
        )
    convention = name.partition("=")[0]
    if convention != name:
        return f"{known[name]}\n{convention}: {known[convention]}"
    return "\n".join([known[name], *(f"{value}: {known[value]}" for value in _values(name))])


@cache
def pages() -> Mapping[str, str]:
    """Return what is said of every word."""
    return {
        word: text.strip()
        for group in _groups().values()
        for word, text in group.items()
        if word != "title"
    }


@cache
def _groups() -> Mapping[str, Mapping[str, str]]:
    text = files("bnparity.frontends.commands").joinpath("words.toml").read_text(encoding="utf-8")
    title = "Conventions on which frameworks differ; WORD=VALUE is one of the values"
    return {**tomllib.loads(text), "conventions": {"title": title, **convention_pages()}}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _values(name: str) -> list[str]:
    return [word for word in pages() if word.startswith(f"{name}=")]


def _list() -> str:
    """Return every word below the title of its group, those of values below their conventions."""
    groups = []
    for group in _groups().values():
        words = [word for word in group if word != "title" and "=" not in word]
        groups.append(f"{group['title']}:\n{', '.join(words)}")
    return "\n\n".join(groups)


def _paragraphs(text: str) -> str:
    return "\n".join(filled(line, indent="    ", piped=80) for line in text.split("\n"))
