"""The pages of frameworks and of conventions, from the tables that the harness judges by."""

from collections.abc import Iterator
from dataclasses import fields

from bnparity.cases import FRAMEWORKS, Declaration, convention_pages, value_text
from bnparity_reference import Dialect

from site_pages.markdown import page, plain, table

_DIALECTS = """
What each framework means by BatchNorm. `run --dialect NAME` judges by it, and
`--dialect torch,momentum=old` by PyTorch's with one convention changed. Every word is explained
under [conventions](conventions.md).
""".strip()

_CONVENTIONS = """
Everything on which implementations of BatchNorm were found to differ: a field of `bnparity.Dialect`
each, with its values. A finding names them as `FIELD=VALUE`; [dialects](dialects.md) has the
frameworks.
""".strip()


def dialects_page() -> str:
    """Return a table of all frameworks, and a section for each."""
    rows = [_row(name, declared) for name, declared in FRAMEWORKS.items()]
    headings = ["dialect", "eps", "momentum", "weighs the", "running variance", "checked with"]
    sections = (_framework(name, declared) for name, declared in FRAMEWORKS.items())
    return page("Dialects", _DIALECTS, [table(headings, rows), *sections])


def _row(name: str, declared: Declaration) -> tuple[str, ...]:
    numbers = (f"{declared.default_eps:g}", f"{declared.default_momentum:g}")
    conventions = (declared.dialect.momentum, declared.dialect.running_variance)
    return (f"[{name}](#{name})", *numbers, *conventions, declared.versions)


def _framework(name: str, declared: Declaration) -> str:
    changed = [
        (f"[`{field.name}`](conventions.md#{anchor(field.name)})", f"`{value_text(value)}`")
        for field in fields(Dialect)
        if (value := getattr(declared.dialect, field.name)) != field.default
    ]
    how = f"{declared.checked}, {declared.versions}, on {declared.checked_on}"
    told = f"{plain(declared.title)}. Checked: {how}."
    notes = [f"- {plain(note)}" for note in declared.notes]
    other = table(["other than PyTorch", "here"], changed) if changed else "All is as in PyTorch."
    return "\n\n".join(
        [f"({name})=\n## {name}", told, other, *(["\n".join(notes)] if notes else [])]
    )


def conventions_page() -> str:
    """Return a section for each convention, with its values."""
    return page("Conventions", _CONVENTIONS, _conventions())


def _conventions() -> Iterator[str]:
    pages = convention_pages()
    for name in (word for word in pages if "=" not in word):
        values = [(f"`{w}`", plain(text)) for w, text in pages.items() if w.startswith(f"{name}=")]
        yield f"({anchor(name)})=\n## {name}\n\n{plain(pages[name])}"
        if values:
            yield table(["value", "meaning"], values)


def anchor(convention: str) -> str:
    """Return the anchor of a convention's section."""
    return f"convention-{convention.replace('_', '-')}"
