"""The page of commands, from the commands themselves."""

from collections.abc import Iterator
from typing import Any

from bnparity.cli import app
from typer.main import get_command

from site_pages.markdown import page, plain, table

_FIRST = (
    "What `bnparity COMMAND --help` says, on one page. [Exit codes](exit_codes.md) say how it went."
)


def commands_page() -> str:
    """Return a section for each command, with its arguments and options."""
    return page("Commands", _FIRST, _sections("bnparity", get_command(app)))


def _sections(name: str, command: Any) -> Iterator[str]:
    for word, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _sections(f"{name} {word}", inner)
    if name != "bnparity" and not getattr(command, "commands", {}):
        yield f"## {name}\n\n{_prose(command.help)}"
        if command.params:
            yield table(["argument or option", "what it does"], map(_told, command.params))


def _prose(text: str) -> str:
    return "\n\n".join(" ".join(plain(part).split()) for part in text.split("\n\n"))


def _told(parameter: Any) -> tuple[str, str]:
    words = [*parameter.opts, *parameter.secondary_opts]
    if parameter.param_type_name == "argument":
        words = [parameter.metavar or parameter.name.upper()]
    named = ", ".join(f"`{word}`" for word in words)
    value = parameter.metavar if parameter.param_type_name == "option" else None
    return f"{named} {plain(value or '')}".strip(), plain(parameter.help or "")
