"""The command line: words to plans, results to files, verdicts to exit codes.

0: every verdict is acceptable; 1: findings; 2: the words are wrong, and one line says how to mend
them; 3: nothing was checked; 130: interrupted.
"""

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option
from typer.exceptions import TyperException

from bnparity import __version__
from bnparity.backends import UsageError, create_environment, interpreter_of, listed, opened, parse
from bnparity.frontends import commands
from bnparity.porting import translate
from bnparity.results import read, writer

app = typer.Typer(
    name="bnparity",
    help="Numerical parity testing of BatchNorm implementations against a float64 oracle.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
env_app = typer.Typer(help="Interpreters of their own for backends that need one.")
app.add_typer(env_app, name="env")


@app.command("translate")
def translate_command(
    call: Annotated[str, Argument(help='Source, as "torch.nn.BatchNorm2d(64, momentum=0.2)".')],
    *,
    to: Annotated[str, Option(help="torch or mindspore.")],
    lossy: Annotated[
        bool, Option("--lossy", help="Go on where something is lost, and name it.")
    ] = False,
) -> int:
    """Say the call of a constructor in the other API: PyTorch's or MindSpore's."""
    print(translate(call, to, lossy=lossy))
    return commands.ACCEPTABLE


app.command("fuzz")(commands.fuzz_command)
app.command("diff")(commands.diff_command)
app.command("replay")(commands.replay_command)
app.command()(commands.run)
app.command()(commands.semantics)


def main() -> None:
    """Run the command that this process was started with, and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a table is no reason to fail
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    if not arguments:
        return _wrong_words("name a command; bnparity --help lists them")
    try:
        code = app(list(arguments), standalone_mode=False)
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
    print(f"bnparity: {' '.join(message.split())}", file=sys.stderr)
    return commands.WRONG_WORDS


@app.command()
def backends() -> int:
    """List the backends: what is installed, what is not and why, in which interpreter."""
    for text in listed():
        name = parse(text)
        try:
            with opened(name) as backend:
                state = backend.reason or f"{backend.version} on {backend.device}"
                mark = "-" if backend.reason else "+"
        except UsageError as error:
            state, mark = str(error), "-"
        print(f"{mark} {text:<12} {state}  [{interpreter_of(name.base)}]")
    return commands.ACCEPTABLE


@app.command()
def report(
    results: Annotated[Path, Argument(help="A results.json, or the folder of a campaign.")],
    *,
    html: commands.Html = None,
    markdown: commands.Markdown = None,
    junit: commands.Junit = None,
) -> int:
    """Make reports of a session's results; print them if no file is named."""
    reports = {"html": html, "markdown": markdown, "junit": junit}
    document = commands.campaign_results(results) if results.is_dir() else read(results)
    commands.writable(*reports.values())
    if not any(reports.values()):
        print(writer("text")(document), end="")
    commands.write_reports(document, reports)
    return commands.ACCEPTABLE


@env_app.command()
def create(name: Annotated[str, Argument(help="mindspore")]) -> int:
    """Make the interpreter of a backend, unless it is there."""
    print(f"{name}: {create_environment(name)}")
    return commands.ACCEPTABLE


def _version(asked: bool) -> None:
    if asked:
        print(f"bnparity {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> Any:
    pass
