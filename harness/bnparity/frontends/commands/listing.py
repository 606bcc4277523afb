"""`bnparity backends` and `bnparity env`: what there is to judge, and the Pythons that run it."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from typer import Argument, Context, Typer

from bnparity.backends import (
    UsageError,
    create_environment,
    interpreter_in,
    listed,
    made_environments,
    opened,
    parse,
    remove_environment,
)
from bnparity.frontends.commands import options
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.making_progress import making_progress
from bnparity.frontends.commands.output import put
from bnparity.frontends.commands.parsing import STDOUT, writable
from bnparity.frontends.commands.telling import columns_of, filled
from bnparity.results import dump

env_app = Typer(help="Interpreters of their own for backends that need one.")

#: How far what is said below a name is indented.
_BELOW = " " * 6

Environment = Annotated[str, Argument(metavar="NAME", help="As env list has it.")]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One backend: what a probe says of it, the Python that runs it, and its other ways to run."""

    name: str
    version: str = ""
    device: str = ""
    reason: str = ""
    interpreter: str
    variants: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """What it is, or why it cannot be asked."""
        return self.reason or " on ".join(filter(None, (self.version, self.device)))


def backends(*, json: options.OnlyJson = None) -> int:
    """List the backends: what is installed, what is not and why, in which interpreter."""
    writable(json)
    found = rows()
    if json != STDOUT:
        print("\n".join(_lines(found)))
    if json is not None:
        put(json, dump([asdict(row) for row in found]))
    return ACCEPTABLE


def rows() -> list[Row]:
    """Return a row for each backend that has a name."""
    return [_row(text) for text in listed()]


def _row(text: str) -> Row:
    name = parse(text)
    interpreter = name.interpreter
    try:
        with opened(name) as backend:
            facts = {key: getattr(backend, key) for key in ("version", "device", "reason")}
            variants = tuple(f"{text}[{variant}]" for variant in backend.variants)
            return Row(name=text, interpreter=interpreter, variants=variants, **facts)
    except UsageError as error:
        return Row(name=text, interpreter=interpreter, reason=str(error))


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the rows below the interpreter that runs them, named once."""
    width = max(len(row.name) for row in rows)
    beside = width if columns_of() >= 3 * (width + len(_BELOW)) else 0
    for interpreter in dict.fromkeys(row.interpreter for row in rows):
        yield f"in {interpreter}"
        for row in rows:
            if row.interpreter == interpreter:
                yield from _of_row(row, beside)


def _of_row(row: Row, width: int) -> Iterator[str]:
    """Yield what there is to say of a row beside its name of `width`; below it if that is 0."""
    head, indent = f"  {'-' if row.reason else '+'} {row.name:<{width}}", _BELOW + " " * width
    if not width:
        yield head
        head = _BELOW[2:]
    yield filled(f"{head}  {row.state}", indent=indent)
    if row.variants:
        yield filled(f"{indent}also {', '.join(row.variants)}", indent=indent)


@env_app.callback(invoke_without_command=True)
def _env(context: Context) -> None:
    if context.invoked_subcommand is None:
        raise UsageError("name a command of env: create, list, path or remove")


@env_app.command()
def create(
    name: Annotated[str, Argument(help="mindspore, or a version of it: mindspore==2.9.0.")],
) -> int:
    """Make the interpreter of a backend, unless it is there."""
    with making_progress(name, sys.stderr) as tell:
        made = create_environment(name, tell)
    print(f"{name}: {made}")
    return ACCEPTABLE


@env_app.command("list")
def list_() -> int:
    """List the environments that have been made, with their interpreters."""
    made = made_environments()
    for name, interpreter in made.items():
        print(f"{name}: {interpreter}")
    if not made:
        print("there are none; bnparity env create mindspore makes one")
    return ACCEPTABLE


@env_app.command()
def path(name: Environment) -> int:
    """Print the interpreter of an environment."""
    print(interpreter_in(name))
    return ACCEPTABLE


@env_app.command()
def remove(name: Environment) -> int:
    """Remove an environment; env create makes it again."""
    print(f"{name}: removed {remove_environment(name)}")
    return ACCEPTABLE
