"""`bnparity run` and `bnparity semantics`: a session, and what it says of backends."""

import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from typer import Option

from bnparity.backends import DEFAULT_LIMITS, Name
from bnparity.cases import MAX_ELEMENTS, declaration
from bnparity.diagnosis import Measured
from bnparity.frontends.commands import options
from bnparity.frontends.commands.diff import judged_by, known
from bnparity.frontends.commands.output import Interrupted, exit_code, leave
from bnparity.frontends.commands.parsing import elements, formats, names, positive, writable
from bnparity.frontends.commands.progress import session_progress
from bnparity.results import Judgement
from bnparity.sessions import Plan, judge_backends, loadable

#: Seconds of a session whose length nobody gave.
DEFAULT_SECONDS = 50.0


def run(
    backends: options.Backends = None,
    *,
    dialect: options.Dialect = None,
    examples: options.Examples = None,
    time_: Annotated[
        float | None,
        options.length(
            "--time", "TIME", "For all: 90, 60s, 5m, 1h; 50s if there is no --examples."
        ),
    ] = None,
    seed: options.Seed = 0,
    dtype: options.Dtype = None,
    max_elements: options.MaxElements = MAX_ELEMENTS,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    junit: options.Junit = None,
    require: Annotated[
        list[str] | None, Option(help="Fail if this backend cannot be checked.")
    ] = None,
    baseline: Annotated[
        options.File, Option(help="Fail only at what is worse than in these results.")
    ] = None,
    timeout: options.Timeout = DEFAULT_LIMITS.seconds,
    memory: options.Memory = DEFAULT_LIMITS.memory,
    restarts: options.Restarts = DEFAULT_LIMITS.restarts,
    in_process: options.InProcess = False,
) -> int:
    """Judge backends: draw cases, compare with the oracle, explain what fails."""
    if dialect is not None:
        declaration(dialect)
    plan = Plan(
        seed=seed,
        examples=None if examples is None else positive("--examples", examples),
        seconds=DEFAULT_SECONDS if examples is None and time_ is None else time_,
        dialect=dialect,
        dtypes=formats(dtype),
        max_elements=elements(max_elements),
        limits=options.limits_of(timeout, memory, restarts),
        in_process=in_process,
    )
    named, required = backends or [], require or []
    chosen = names(named, required)
    reports = {"html": html, "markdown": markdown, "junit": junit}
    writable(json, *reports.values())
    deviations = known(baseline, json, *reports.values())
    loadable(chosen)
    start = time.monotonic()
    judgements, stopped = _judged(chosen, plan)
    document = leave(judgements, plan, start, json, reports)
    if stopped:
        done = ", ".join(f"{j.totals.cases} cases of {j.name}" for j in judgements)
        raise Interrupted(f"interrupted after {done or 'no case'}; this is what they say")
    code = exit_code(judgements, {*named, *required}, accepting=deviations is not None)
    return code if deviations is None else max(judged_by(deviations, document), code)


def semantics(
    backends: options.Backends = None, *, examples: options.Examples = 400, seed: options.Seed = 0
) -> int:
    """Print the conventions of backends: what each declares, and what its outputs show."""
    plan = Plan(seed=seed, examples=positive("--examples", examples or 0), measuring=True)
    chosen = names(backends or [])
    loadable(chosen)
    judgements, _ = _judged(chosen, plan)
    print(table(judgements), end="")
    return exit_code(judgements, set(backends or []))


def _judged(chosen: Sequence[Name], plan: Plan) -> tuple[list[Judgement], bool]:
    """Return the judgements of backends, and whether Ctrl-C has cut them short.

    Pressed again, it ends the command at once.
    """
    pressed: list[int] = []

    def note(number: int, _: object) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, original)

    original = signal.signal(signal.SIGINT, note)
    try:
        with session_progress(sys.stderr) as progress:
            plan = replace(plan, stopped=lambda: bool(pressed))
            return list(judge_backends(chosen, plan, progress)), bool(pressed)
    finally:
        signal.signal(signal.SIGINT, original)


def table(judgements: Sequence[Judgement]) -> str:
    """Return the conventions of every backend as text, those that deviate marked with a ``!``."""
    return "\n".join(_of_backend(judgement) for judgement in judgements)


def _of_backend(judgement: Judgement) -> str:
    title = f"{judgement.name} {judgement.version}".strip()
    if judgement.reason:
        return f"{title}: {judgement.reason}\n"
    lines = [f"{title} declares the dialect {judgement.dialect}; {judgement.totals.cases} cases"]
    rows = [(" ", "convention", "declared", "measured"), *map(_row, judgement.conventions)]
    first, second = (max(len(row[column]) for row in rows) for column in (1, 2))
    lines += [f"{mark} {a:<{first}}  {b:<{second}}  {c}" for mark, a, b, c in rows]
    lines += [f"! {f.text}" for f in judgement.findings if not f.codes]
    return "\n".join(lines) + "\n"


def _row(measured: Measured) -> tuple[str, str, str, str]:
    found = measured.value
    if not measured.certain:
        found = f"{found}?" if measured.deviates else "not seen"
    if measured.outputs:
        found += f" in {', '.join(measured.outputs)}"
    return "!" if measured.deviates else " ", measured.field, measured.declared, found
