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

from bnparity import __version__
from bnparity.backends import (
    DEFAULT_LIMITS,
    UsageError,
    create_environment,
    interpreter_of,
    listed,
    opened,
    parse,
)
from bnparity.cases import declaration
from bnparity.frontends.commands import (
    ACCEPTABLE,
    FINDINGS,
    INTERRUPTED,
    NOTHING_CHECKED,
    WRONG_WORDS,
    Dialect,
    Dtype,
    Examples,
    Html,
    InProcess,
    Interrupted,
    Json,
    Junit,
    Markdown,
    Memory,
    Restarts,
    Seed,
    Timeout,
    diff_command,
    exit_code,
    formats,
    fuzz_command,
    judged_by,
    known,
    leave,
    limits_of,
    names,
    positive,
    seconds,
    shown,
    translate_command,
    writable,
    write_reports,
)
from bnparity.frontends.commands import table as conventions_table
from bnparity.results import read, to_document
from bnparity.sessions import Plan, judge_backends, loadable, replay_finding

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
    except UsageError as error:
        return _wrong_words(str(error))
    except TyperException as error:
        return _wrong_words(error.format_message())
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
        except UsageError as error:
            state, mark = str(error), "-"
        print(f"{mark} {text:<12} {state}  [{interpreter_of(name.base)}]")
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
        raise UsageError("name a report to make: give --html FILE, --markdown FILE or --junit FILE")
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
    print(f"{name}: {create_environment(name)}")
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
