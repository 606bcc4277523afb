"""The command line: words to plans, results to files, verdicts to exit codes.

0: every verdict is acceptable; 1: findings; 2: the words are wrong, and one line says how to mend
them; 3: nothing was checked; 130: interrupted.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from io import TextIOWrapper
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer import Option
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

import bnparity
from bnparity.frontends.commands.ended import ACCEPTABLE, INTERRUPTED, WRONG_WORDS, Interrupted
from bnparity.frontends.commands.ending import end_by_interrupt
from bnparity.frontends.commands.heard import heard
from bnparity.frontends.commands.leaving import LeavingAtOnce

#: By what a shell asks for the words that may come next, without any argument.
_COMPLETING = "_BNPARITY_COMPLETE"

#: Where each command is, in the order in which they are listed.
_PLACES = MappingProxyType(
    {
        "run": "session:run",
        "semantics": "session:semantics",
        "fuzz": "fuzz:fuzz_command",
        "replay": "replay:replay_command",
        "report": "report:report_command",
        "diff": "diff:diff_command",
        "explain": "explain:explain",
        "dialects": "dialects:dialects",
        "backends": "listing:backends",
        "env": "listing:env_app",
        "doctor": "doctor:doctor",
        "init": "init:init",
        "judge": "recorded:judge_command",
        "cases": "recorded:cases_command",
        "translate": "translate:translate_command",
        "port": "port:port_command",
        "compare-models": "compare_models:compare_models_command",
        "lint": "lint:lint",
        "differences": "differences:differences_command",
    }
)


class _Commands(Mapping[str, Any]):
    """The commands by name, each imported when it is asked for: all of them take long."""

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = _PLACES[name].partition(":")
        with LeavingAtOnce():
            written = getattr(import_module(f"bnparity.frontends.commands.{module}"), attribute)
        alone = typer.Typer(rich_markup_mode=None)
        if isinstance(written, typer.Typer):
            alone.add_typer(written, name=name)
        else:
            alone.command(name)(written)
        return get_group(alone).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


class _Group(TyperGroup):
    """The command that has the others, and needs none of them to be there."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": _Commands()})

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # as Typer calls it
        return list(self.commands)


app = typer.Typer(
    name="bnparity",
    cls=_Group,
    help="Numerical parity testing of BatchNorm implementations against a float64 oracle.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command that this process was started with, and exit."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            setattr(sys, name, heard(stream))
    end_by_interrupt()
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    if not arguments and _COMPLETING not in os.environ:
        app(["--help"], prog_name="bnparity", standalone_mode=False)
        return _wrong_words("name a command")
    try:
        code = app(_spelled_out(arguments), prog_name="bnparity", standalone_mode=False)
    except Interrupted as interrupted:
        print(f"bnparity: {interrupted}", file=sys.stderr)
        return INTERRUPTED
    except TyperException as error:
        return _wrong_words(_told_by_typer(error, arguments))
    except bnparity.UsageError as error:  # imported here, if at all
        return _wrong_words(str(error))
    except (OSError, OverflowError, RecursionError, MemoryError) as error:
        return _wrong_words(f"{type(error).__name__}: {error}: give other values or paths")
    if code == INTERRUPTED:
        print("bnparity: interrupted; nothing was written", file=sys.stderr)
    return int(code or ACCEPTABLE)


def _spelled_out(arguments: Sequence[str]) -> Sequence[str]:
    """Return the words of a command as Typer can read them."""
    if "--ray" not in arguments:
        return arguments
    from bnparity.frontends.commands.working import spelled_out

    return spelled_out(arguments)


def _told_by_typer(error: TyperException, arguments: Sequence[str]) -> str:
    """Return what is wrong with the words, and where to look if that does not say what is meant."""
    told = error.format_message()
    if "Possible option" in told or "Did you mean" in told:
        return told
    named = [word for word in arguments[:1] if word in _PLACES]
    return f"{told.rstrip('.')}: {' '.join(['bnparity', *named])} --help says what it takes"


def _wrong_words(message: str) -> int:
    printed = "".join(c if c.isprintable() else " " for c in message)
    print(f"bnparity: {' '.join(printed.split())}", file=sys.stderr)
    return WRONG_WORDS


def _version(asked: bool) -> None:
    if asked:
        print(f"bnparity {bnparity.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> Any:
    pass
