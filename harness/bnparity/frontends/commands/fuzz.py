"""`bnparity fuzz`: a campaign begun, or gone on with, and its results so far."""

import math
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from bnparity import sessions
from bnparity.backends import DEFAULT_LIMITS, Name, UsageError
from bnparity.cases import declaration
from bnparity.frontends.commands import expecting, options
from bnparity.frontends.commands.campaign import campaign_results, forget_last, keep_last
from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS, NOTHING_CHECKED, Interrupted
from bnparity.frontends.commands.output import (
    KEPT,
    beside,
    command_line,
    exit_code,
    leave,
    passing_over,
)
from bnparity.frontends.commands.parsing import (
    formats,
    has_room_for_findings,
    names,
    positive,
    writable,
)
from bnparity.frontends.commands.settings import project
from bnparity.frontends.commands.telling import USUAL, advise, detail_of, tell
from bnparity.frontends.commands.working import Ray, tell_line, worked
from bnparity.results import Judgement

#: Seconds of a session that nobody gave an end: it goes on until it is stopped.
_ENDLESS = 10 * 365 * 86400.0


def fuzz_command(
    backends: Annotated[list[str] | None, Argument(help="Names, or file.py:function.")] = None,
    *,
    time_: Annotated[
        float | None,
        options.length(
            "--time", "TIME", "Of this session: 90, 60s, 5m, 1h; until Ctrl-C if not given."
        ),
    ] = None,
    examples: Annotated[
        int | None,
        options.number(
            "--examples",
            "End when each backend has had so many cases, those of earlier sessions included.",
        ),
    ] = None,
    state: Annotated[Path, Option(help="The campaign's folder: made, or gone on with.")] = KEPT,
    jobs: Annotated[
        int | None,
        options.number("--jobs", "Processes at work: 1 if not given, with --ray one a core."),
    ] = None,
    ray: Ray = None,
    seed: options.Seed = 0,
    dtype: options.Dtype = None,
    dialect: options.Dialect = None,
    status: Annotated[
        bool, Option("--status", help="Print the results so far, ask nothing, and end.")
    ] = False,
    json: Annotated[options.File, options.json_file("Write the results so far here")] = None,
    html: Annotated[
        options.File, options.file_named("--html", "Write the report so far here.")
    ] = None,
    markdown: options.Markdown = None,
    junit: options.Junit = None,
    baseline: expecting.BaselineFile = None,
    timeout: options.Timeout = DEFAULT_LIMITS.seconds,
    memory: options.Memory = DEFAULT_LIMITS.memory,
    restarts: options.Restarts = DEFAULT_LIMITS.restarts,
    in_process: options.InProcess = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = False,
) -> int:
    """Judge backends for as long as you like; stop at any time, and go on with the same words."""
    reports = {"html": html, "markdown": markdown, "junit": junit}
    if status:
        detail = detail_of(quiet, json, verbose=verbose)
        return _status(state, backends or [], (json, *reports.values()), detail)
    backends = project().meant(backends or [])
    if not backends:
        raise UsageError("name a backend to fuzz; bnparity backends lists them")
    if dialect is not None:
        declaration(dialect)
    detail = detail_of(quiet, json, verbose=verbose)
    plan = sessions.Plan(
        seed=seed,
        dtypes=formats(dtype),
        dialect=dialect,
        limits=options.limits_of(timeout, memory, restarts),
        in_process=in_process,
    )
    blocks = (
        None if examples is None else math.ceil(positive("--examples", examples) / sessions.BLOCK)
    )
    chosen, count = names(backends), None if jobs is None else positive("--jobs", jobs)
    if ray is not None:
        sessions.check_ray(ray)
    writable(json, *reports.values(), sources=chosen)
    has_room_for_findings(beside(json, reports) or state)
    expected = expecting.expected(baseline, None, None, backends, [json, *reports.values()])
    sessions.loadable(chosen)
    start = time.monotonic()
    task = sessions.Task(backends=(), blocks=blocks, seconds=_ENDLESS if time_ is None else time_)
    judgements, stopped = _gone_on(state, chosen, plan, task, jobs=count, ray=ray, quiet=quiet > 0)
    document = leave(
        judgements, plan, start, json, reports, detail=detail, kept=state, expected=expected
    )
    with passing_over(state):
        keep_last(document, beside(json, reports) or state, state)
    if stopped:
        raise Interrupted(_how_to_go_on(state, judgements))
    advise(document, detail, reports)
    if detail >= USUAL:
        tell_line(_where_it_is(state))
    return exit_code(document)


def _gone_on(
    state: Path,
    chosen: Sequence[Name],
    plan: sessions.Plan,
    task: sessions.Task,
    *,
    jobs: int | None,
    ray: str | None,
    quiet: bool,
) -> tuple[list[Judgement], bool]:
    """Have the backends that can be asked do `task`; return what is known, and whether by Ctrl-C.

    The campaign in `state` is begun if there is none.
    """
    try:
        with sessions.stored(state, make=True) as store:
            sessions.begin(store, plan)
            reasons = {
                name.text: sessions.register(store, name, plan, tell_line) for name in chosen
            }
            forget_last(state)
            able = tuple(text for text, reason in reasons.items() if not reason)
            stopped = worked(store, replace(task, backends=able), jobs, ray, quiet=quiet)
            judgements = [
                sessions.unjudged(name, why) if why else sessions.judgement_of(store, name)
                for name, why in zip(chosen, reasons.values(), strict=True)
            ]
    except KeyboardInterrupt:
        raise Interrupted(_how_to_go_on(state, ())) from None
    return judgements, stopped


def _status(state: Path, named: Sequence[str], written: Sequence[Path | None], detail: int) -> int:
    """Print what a campaign has learnt."""
    if any(written):
        raise UsageError(
            f"--status writes no file: make reports with bnparity report {state} --html FILE"
        )
    document = campaign_results(state, named)
    tell(document, detail)
    statuses = {backend["status"] for backend in document["backends"]}
    if not statuses - {"unavailable"}:
        return NOTHING_CHECKED
    return FINDINGS if statuses & {"fail", "untrusted"} else ACCEPTABLE


def _how_to_go_on(state: Path, judgements: Sequence[Judgement]) -> str:
    done = ", ".join(f"{j.totals.cases} cases of {j.name}" for j in judgements)
    return f"stopped after {done or 'what was done'}, kept in {state}; go on with: {command_line()}"


def _where_it_is(state: Path) -> str:
    folder = shlex.quote(str(state))
    look = "bnparity fuzz --status" + ("" if state == KEPT else f" --state {folder}")
    return (
        f"all of this is kept in {state}\n"
        f"  look again:   {look}\n"
        f"  make a page:  bnparity report {folder} --html FILE\n"
        f"  go on:        {command_line()}"
    )
