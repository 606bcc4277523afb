"""`bnparity run` and `bnparity semantics`: a session, and what it says of backends."""

import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Annotated

from typer import Option

from bnparity.backends import DEFAULT_LIMITS, Name
from bnparity.cases import DRAWN_ELEMENTS, declaration
from bnparity.diagnosis import Measured
from bnparity.frontends.commands import expecting, options
from bnparity.frontends.commands.choosing import part_of
from bnparity.frontends.commands.ended import Interrupted
from bnparity.frontends.commands.ending import until_told
from bnparity.frontends.commands.output import KEPT, beside, document_of, exit_code, leave, put
from bnparity.frontends.commands.parsing import (
    STDOUT,
    elements,
    formats,
    has_room_for_findings,
    in_python,
    names,
    not_negative,
    positive,
    said_of,
    writable,
)
from bnparity.frontends.commands.progress import session_progress
from bnparity.frontends.commands.settings import project
from bnparity.frontends.commands.telling import USUAL, advise, columns_of, detail_of, filled, say
from bnparity.results import Expected, Judgement, dump, with_news, writer
from bnparity.sessions import Plan, judge_backends, loadable

#: Seconds of a session whose length nobody gave, and the cases that each backend should have then.
DEFAULT_SECONDS, LEAST_CASES = 50.0, 100


def run(
    backends: options.Backends = None,
    *,
    as_: options.As = None,
    map_: options.Map = None,
    python: options.Python = None,
    dialect: options.Dialect = None,
    examples: options.Examples = None,
    time_: Annotated[
        float | None,
        options.length(
            "--time", "TIME", "For all: 90, 60s, 5m, 1h; 50s if there is no --examples."
        ),
    ] = None,
    seed: options.ProjectSeed = None,
    dtype: options.Dtype = None,
    max_elements: options.MaxElements = DRAWN_ELEMENTS,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    junit: options.Junit = None,
    require: Annotated[
        list[str] | None, Option(help="Fail if this backend cannot be checked.")
    ] = None,
    baseline: expecting.BaselineFile = None,
    known: expecting.KnownFile = None,
    fail_on: expecting.FailOn = None,
    github: expecting.Github = False,
    maxfail: options.MaxFail = None,
    part: Annotated[
        str | None,
        Option("-k", metavar="PART", help='Ask this part: "mode=training rank=2,4".'),
    ] = None,
    no_earlier: Annotated[
        bool, Option("--no-earlier", help="Do not ask first what failed in earlier runs.")
    ] = False,
    timeout: options.Timeout = DEFAULT_LIMITS.seconds,
    memory: options.Memory = DEFAULT_LIMITS.memory,
    restarts: options.Restarts = DEFAULT_LIMITS.restarts,
    in_process: options.InProcess = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = False,
) -> int:
    """Judge backends: draw cases, compare with the oracle, explain what fails.

    Findings are kept, with scripts that show them, in the folder findings beside the first file
    that is written, the JSON before others; in .bnparity/findings if none is.
    """
    detail = detail_of(quiet, json, verbose=verbose)
    ours = project()
    dialect = ours.dialect if dialect is None else dialect
    if dialect is not None:
        declaration(dialect)
    if examples is None and time_ is None:
        examples = ours.examples
    reports = {"html": html, "markdown": markdown, "junit": junit}
    kept = beside(json, reports) or KEPT
    plan = Plan(
        seed=seed if seed is not None else ours.seed or 0,
        examples=None if examples is None else positive("--examples", examples),
        seconds=DEFAULT_SECONDS if examples is None and time_ is None else time_,
        least=LEAST_CASES if examples is None and time_ is None else 0,
        dialect=dialect,
        dtypes=formats(dtype) or ours.dtypes,
        max_elements=elements(max_elements),
        limits=options.limits_of(timeout, memory, restarts),
        in_process=in_process,
        part=part_of(part),
        maxfail=None if maxfail is None else not_negative("--maxfail", maxfail),
        earlier=None if no_earlier else kept / "findings",
    )
    meant = ours.meant(backends or [*ours.backends])
    named = in_python(said_of(meant, as_, map_ or []), python)
    required = ours.meant(require or [])
    chosen = names(named, required)
    writable(json, *reports.values(), sources=chosen)
    has_room_for_findings(kept)
    expected = expecting.expected(
        baseline or ours.baseline,
        known or ours.known,
        fail_on,
        {*named, *required},
        [json, *reports.values()],
    )
    about = {"quiet": quiet > 0, "github": github}
    return _held(chosen, plan, expected, json, reports, detail=detail, **about)


def _held(
    chosen: Sequence[Name],
    plan: Plan,
    expected: Expected,
    json: Path | None,
    reports: Mapping[str, Path | None],
    *,
    detail: int,
    quiet: bool,
    github: bool,
) -> int:
    """Hold a session, and leave what it says; return the exit code."""
    _announce(chosen, plan, detail)
    if len(chosen) > 1:  # one alone is opened next, and to import a framework twice takes time
        loadable(chosen)
    start = time.monotonic()
    judgements, stopped = _judged(chosen, plan, quiet=quiet)
    expected = replace(expected, whole=not stopped)
    document = leave(judgements, plan, start, json, reports, detail=detail, expected=expected)
    if not stopped:
        _tell_few(judgements, plan.least)
    if github:
        say(writer("github")(document), sys.stderr if json == STDOUT else sys.stdout)
    if stopped:
        raise _interrupted(judgements)
    advise(document, detail, reports)
    return exit_code(document)


def semantics(
    backends: options.Backends = None,
    *,
    examples: options.Examples = 400,
    seed: options.Seed = 0,
    dialect: options.Dialect = None,
    json: options.Json = None,
) -> int:
    """Print the conventions of backends: what each declares, and what its outputs show."""
    ours = project()
    dialect = ours.dialect if dialect is None else dialect
    if dialect is not None:
        declaration(dialect)
    plan = Plan(
        seed=seed, examples=positive("--examples", examples or 0), dialect=dialect, measuring=True
    )
    named = ours.meant(backends or [*ours.backends])
    chosen = names(named)
    writable(json)
    loadable(chosen)
    start = time.monotonic()
    judgements, stopped = _judged(chosen, plan, quiet=False)
    if json != STDOUT:
        print(table(judgements), end="")
    expected = Expected(required=frozenset(named))
    document = with_news(document_of(judgements, plan, start), expected)
    expecting.tell_problems(document)
    if json is not None:
        put(json, dump(document))
    if stopped:
        raise _interrupted(judgements)
    return exit_code(document)


def _interrupted(judgements: Sequence[Judgement]) -> Interrupted:
    """Return what says how far a session was when it was told to end."""
    done = ", ".join(f"{j.totals.cases} cases of {j.name}" for j in judgements)
    return Interrupted(f"interrupted after {done or 'no case'}; this is what they say")


def _announce(chosen: Sequence[Name], plan: Plan, detail: int) -> None:
    """Say on a terminal what is about to be opened: a framework takes seconds to import."""
    if sys.stderr.isatty() and detail >= USUAL:
        most = f"{plan.seconds:g} s" if plan.examples is None else f"{plan.examples} cases each"
        asked = ", ".join(name.text for name in chosen)
        line = f"asking {asked}: {most}; Ctrl-C shows what is known so far"
        print(filled(line, indent="    "), file=sys.stderr)


def _judged(chosen: Sequence[Name], plan: Plan, *, quiet: bool) -> tuple[list[Judgement], bool]:
    """Return the judgements of backends, and whether Ctrl-C has cut them short, or alike."""
    # A time that nobody has given may be exceeded, so that each backend has its cases.
    most = inf if plan.seconds is None or plan.least else plan.seconds
    shown = session_progress(sys.stderr, most=most, quiet=quiet)
    with until_told() as told, shown as progress:
        plan = replace(plan, stopped=told)
        judgements = list(judge_backends(chosen, plan, progress))
    order = [name.text for name in chosen]
    return sorted(judgements, key=lambda judgement: order.index(judgement.name)), told()


def _tell_few(judgements: Sequence[Judgement], least: int) -> None:
    """Say which backends have had few cases for no reason but time, and what helps."""
    for judgement in judgements:
        asked = judgement.totals.cases + judgement.totals.unsupported.total()
        if asked < least and not judgement.reason and not judgement.stopped:
            again = shlex.join(["bnparity", "run", judgement.name, "--time", "5m"])
            text = f"{judgement.name} had {asked} cases, fewer than {least}: {again} asks more"
            red = sys.stderr.isatty() and "NO_COLOR" not in os.environ
            say(f"\033[31mbnparity: {text}\033[0m\n" if red else f"bnparity: {text}\n", sys.stderr)


def table(judgements: Sequence[Judgement]) -> str:
    """Return the conventions of every backend as text, those that deviate marked with a ``!``."""
    return "\n".join(_of_backend(judgement) for judgement in judgements)


def _of_backend(judgement: Judgement) -> str:
    title = f"{judgement.name} {judgement.version}".strip()
    if judgement.reason:
        return f"{title}: {judgement.reason}\n"
    head = f"{title} declares the dialect {judgement.dialect}; {judgement.totals.cases} cases"
    lines = [filled(head, indent="    "), *_tabulated([*map(_row, judgement.conventions)])]
    told = [f"! {f.text}" for f in judgement.findings if not f.codes]
    lines += [filled(line, indent="    ") for line in told]
    lines.append(f"as measured: {_stated(judgement)}")
    return "\n".join(lines) + "\n"


def _tabulated(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[str]:
    """Yield the rows of conventions as a table, or as a list where the terminal is too narrow."""
    headed = [(" ", "convention", "declared", "measured"), *rows]
    first, second = (max(len(row[column]) for row in headed) for column in (1, 2))
    lines = [f"{mark} {a:<{first}}  {b:<{second}}  {c}" for mark, a, b, c in headed]
    if max(map(len, lines)) <= columns_of():
        yield from lines
        return
    for mark, convention, declared, measured in rows:
        line = f"{mark} {convention}: declared {declared}, measured {measured}"
        yield filled(line, indent="    ")


def _stated(judgement: Judgement) -> str:
    """Return the measured dialect as ``--dialect`` takes it, and what cannot be stated so."""
    deviating = [m for m in judgement.conventions if m.deviates]
    whole = [m for m in deviating if m.certain and m.throughout]
    stated = ",".join([judgement.dialect, *(f"{m.field}={m.value}" for m in whole)])
    rest = ", ".join(m.field for m in deviating if m not in whole)
    return f"--dialect {stated}" + (f" (but for {rest})" if rest else "")


def _row(measured: Measured) -> tuple[str, str, str, str]:
    found = measured.value
    if not measured.certain:
        nothing = "not seen" if measured.known else "not known"
        found = f"{found}?" if measured.deviates else nothing
    if measured.outputs:
        found += f" in {', '.join(measured.outputs)}"
    if measured.where:
        found += f" {measured.where}"
    return "!" if measured.deviates else " ", measured.field, measured.declared, found
