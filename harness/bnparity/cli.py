"""The command line: words to plans, results to files, verdicts to exit codes.

0: every verdict is acceptable; 1: findings; 2: the words are wrong, and one line says how to mend
them; 3: nothing was checked; 130: interrupted.
"""

import shlex
import sys
import time
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from bnparity import __version__, envs
from bnparity.arguments import formats, names, positive, seconds, writable
from bnparity.backends.names import listed, parse
from bnparity.backends.open import DEFAULT_LIMITS, loadable, opened
from bnparity.commands.fuzz import fuzz_command
from bnparity.commands.options import (
    Dialect,
    Dtype,
    Examples,
    Html,
    InProcess,
    Json,
    Junit,
    Markdown,
    Memory,
    Restarts,
    Seed,
    Timeout,
    limits_of,
)
from bnparity.commands.outcome import (
    ACCEPTABLE,
    FINDINGS,
    INTERRUPTED,
    NOTHING_CHECKED,
    WRONG_WORDS,
    Interrupted,
    exit_code,
    leave,
    write_reports,
)
from bnparity.comparison.command import diff_command, judged_by, known
from bnparity.conventions import table as conventions_table
from bnparity.dialects import declaration
from bnparity.mistakes import Mistake
from bnparity.progress import shown
from bnparity.replay import replay as replay_finding
from bnparity.results import read, to_document
from bnparity.session import Plan, judge_backends
from bnparity.translation.command import translate_command

#: Seconds of a session whose length nobody gave.
DEFAULT_SECONDS = 50.0

app = typer.Typer(
    name="bnparity",
    help="Numerical parity testing of BatchNorm implementations against a float64 oracle.",
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
env_app = typer.Typer(help="Interpreters of their own for backends that need one.")
app.add_typer(env_app, name="env")
app.command("translate")(translate_command)
app.command("fuzz")(fuzz_command)
app.command("diff")(diff_command)


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
    except Interrupted as interrupted:
        print(f"bnparity: {interrupted}", file=sys.stderr)
        return INTERRUPTED
    except Mistake as mistake:
        return _wrong_words(str(mistake))
    except TyperException as mistake:
        return _wrong_words(mistake.format_message())
    except (OSError, OverflowError, RecursionError, MemoryError) as error:
        return _wrong_words(f"{type(error).__name__}: {error}: give other values or paths")
    if code == INTERRUPTED:
        print("bnparity: interrupted; nothing was written", file=sys.stderr)
    return int(code or ACCEPTABLE)


def _wrong_words(message: str) -> int:
    print(f"bnparity: {' '.join(message.split())}", file=sys.stderr)
    return WRONG_WORDS


@app.command()
def run(
    backends: Annotated[
        list[str] | None,
        typer.Argument(help="Names, or file.py:function; none for every one available."),
    ] = None,
    *,
    dialect: Dialect = None,
    examples: Examples = None,
    time_: Annotated[
        float | None,
        typer.Option(
            "--time",
            parser=seconds("--time"),
            metavar="TIME",
            help="For the whole session: 90, 60s, 5m, 1h.",
        ),
    ] = None,
    seed: Seed = 0,
    dtype: Dtype = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
    junit: Junit = None,
    require: Annotated[
        list[str] | None, typer.Option(help="Fail if this backend cannot be checked.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Fail only at what is worse than in these results.")
    ] = None,
    timeout: Timeout = DEFAULT_LIMITS.seconds,
    memory: Memory = DEFAULT_LIMITS.memory,
    restarts: Restarts = DEFAULT_LIMITS.restarts,
    in_process: InProcess = False,
) -> int:
    """Judge backends: draw cases, compare with the oracle, explain what fails."""
    if dialect is not None:
        declaration(dialect)
    if examples is None and time_ is None:
        time_ = DEFAULT_SECONDS
    plan = Plan(
        seed=seed,
        examples=None if examples is None else positive("--examples", examples),
        seconds=time_,
        dialect=dialect,
        dtypes=None if dtype is None else formats(dtype),
        limits=limits_of(timeout, memory, restarts),
        in_process=in_process,
    )
    chosen = names(backends or (), require or ())
    reports = {"html": html, "markdown": markdown, "junit": junit}
    for path in (json, *reports.values()):
        writable(path)
    deviations = known(baseline, json, *reports.values())
    for name in chosen:
        loadable(name)
    start = time.monotonic()
    with shown(sys.stderr) as progress:
        judgements = list(judge_backends(chosen, plan, progress))
    document = to_document(
        judgements,
        seed=seed,
        seconds=time.monotonic() - start,
        command=shlex.join(["bnparity", *sys.argv[1:]]),
    )
    leave(document, judgements, json, reports, plan.limits)
    code = exit_code(
        judgements, {*(backends or ()), *(require or ())}, accepting=deviations is not None
    )
    return code if deviations is None else max(judged_by(deviations, document), code)


@app.command()
def semantics(
    backends: Annotated[
        list[str] | None,
        typer.Argument(help="Names, or file.py:function; none for every one available."),
    ] = None,
    *,
    examples: Examples = 400,
    seed: Seed = 0,
) -> int:
    """Print the conventions of backends: what each declares, and what its outputs show."""
    plan = Plan(seed=seed, examples=positive("--examples", examples or 0), measuring=True)
    chosen = names(backends or (), ())
    for name in chosen:
        loadable(name)
    with shown(sys.stderr) as progress:
        judgements = list(judge_backends(chosen, plan, progress))
    print(conventions_table(judgements), end="")
    return exit_code(judgements, set(backends or ()))


@app.command()
def backends() -> int:
    """List the backends: what is installed, what is not and why, in which interpreter."""
    for text in listed():
        name = parse(text)
        try:
            with opened(name) as backend:
                state = backend.reason or f"{backend.version} on {backend.device}"
                mark = "-" if backend.reason else "+"
        except Mistake as mistake:
            state, mark = str(mistake), "-"
        print(f"{mark} {text:<12} {state}  [{envs.interpreter_of(name.base)}]")
    return ACCEPTABLE


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="A results.json.")],
    *,
    html: Html = None,
    markdown: Markdown = None,
    junit: Junit = None,
) -> int:
    """Make reports of a session's results."""
    reports = {"html": html, "markdown": markdown, "junit": junit}
    if not any(reports.values()):
        raise Mistake("name a report to make: give --html FILE, --markdown FILE or --junit FILE")
    document = read(results)
    for path in reports.values():
        writable(path)
    write_reports(document, reports)
    return ACCEPTABLE


@app.command()
def replay(
    finding: Annotated[
        Path, typer.Argument(help="The folder of a finding that a session has saved.")
    ],
    *,
    backend: Annotated[str | None, typer.Option(help="Ask this one instead.")] = None,
) -> int:
    """Put the case of a finding to its backend again."""
    fails = replay_finding(finding, backend)
    return NOTHING_CHECKED if fails is None else FINDINGS if fails else ACCEPTABLE


@env_app.command()
def create(name: Annotated[str, typer.Argument(help="mindspore")]) -> int:
    """Make the interpreter of a backend, unless it is there."""
    print(f"{name}: {envs.create(name)}")
    return ACCEPTABLE


def _version(asked: bool) -> None:
    if asked:
        print(f"bnparity {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> Any:
    pass
