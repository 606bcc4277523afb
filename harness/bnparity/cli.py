"""The command line: words to plans, results to files, verdicts to exit codes.

0: every verdict is acceptable; 1: findings; 2: the words are wrong, and one line says how to mend
them; 3: nothing was checked; 130: interrupted.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer import Option
from typer.exceptions import TyperException

from bnparity import __version__
from bnparity.backends import UsageError
from bnparity.frontends import commands

#: By what a shell asks for the words that may come next, without any argument.
_COMPLETING = "_BNPARITY_COMPLETE"

app = typer.Typer(
    name="bnparity",
    help="Numerical parity testing of BatchNorm implementations against a float64 oracle.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(commands.env_app, name="env")


app.command("replay")(commands.replay_command)
app.command("report")(commands.report_command)
app.command()(commands.run)
app.command()(commands.semantics)
app.command("fuzz")(commands.fuzz_command)
app.command()(commands.backends)
app.command()(commands.explain)
app.command()(commands.doctor)
app.command()(commands.dialects)
app.command("diff")(commands.diff_command)
app.command("judge")(commands.judge_command)
app.command("cases")(commands.cases_command)
app.command()(commands.init)
app.command()(commands.lint)
app.command("differences")(commands.differences_command)
app.command("translate")(commands.translate_command)
app.command("port")(commands.port_command)
app.command("compare-models")(commands.compare_models_command)


def main() -> None:
    """Run the command that this process was started with, and exit."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            setattr(sys, name, commands.heard(stream))
    commands.end_by_interrupt()
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    if not arguments and _COMPLETING not in os.environ:
        app(["--help"], prog_name="bnparity", standalone_mode=False)
        return _wrong_words("name a command")
    try:
        code = app(commands.spelled_out(arguments), prog_name="bnparity", standalone_mode=False)
    except commands.Interrupted as interrupted:
        print(f"bnparity: {interrupted}", file=sys.stderr)
        return commands.INTERRUPTED
    except UsageError as error:
        return _wrong_words(str(error))
    except TyperException as error:
        return _wrong_words(error.format_message())
    except (OSError, OverflowError, RecursionError, MemoryError) as error:
        return _wrong_words(f"{type(error).__name__}: {error}: give other values or paths")
    if code == commands.INTERRUPTED:
        print("bnparity: interrupted; nothing was written", file=sys.stderr)
    return int(code or commands.ACCEPTABLE)


def _wrong_words(message: str) -> int:
    printed = "".join(c if c.isprintable() else " " for c in message)
    print(f"bnparity: {' '.join(printed.split())}", file=sys.stderr)
    return commands.WRONG_WORDS


def _version(asked: bool) -> None:
    if asked:
        print(f"bnparity {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> Any:
    pass
