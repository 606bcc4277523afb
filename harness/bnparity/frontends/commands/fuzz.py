"""`bnparity fuzz`: a campaign begun, or gone on with, and its results so far."""

import math
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bnparity.backends import DEFAULT_LIMITS, Name, UsageError, interpreter_of
from bnparity.cases import declaration
from bnparity.frontends.commands.fuzz_progress import shown
from bnparity.frontends.commands.options import (
    Dialect,
    Dtype,
    InProcess,
    Memory,
    Restarts,
    Seed,
    Timeout,
    limits_of,
)
from bnparity.frontends.commands.output import Interrupted, exit_code, leave
from bnparity.frontends.commands.parsing import formats, names, positive, seconds, whole, writable
from bnparity.results import Judgement, to_document
from bnparity.sessions import (
    BLOCK,
    Conditions,
    Jobs,
    Store,
    Task,
    judgement_of,
    loadable,
    register,
    stored,
)

#: Where a campaign is kept that nobody gave a place.
DEFAULT_STATE = Path(".bnparity")
#: Seconds of a session that nobody gave an end: it goes on until it is stopped.
_ENDLESS = 10 * 365 * 86400.0


def fuzz_command(
    backends: Annotated[
        list[str] | None, typer.Argument(help="Names, or file.py:function.")
    ] = None,
    *,
    time_: Annotated[
        float | None,
        typer.Option(
            "--time",
            parser=seconds("--time"),
            metavar="TIME",
            help="Of this session: 90, 60s, 5m, 1h; until Ctrl-C if not given.",
        ),
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(
            parser=whole("--examples"),
            metavar="N",
            help="End when each backend has had so many cases, those of earlier sessions included.",
        ),
    ] = None,
    state: Annotated[
        Path, typer.Option(help="The campaign's folder: made, or gone on with.")
    ] = DEFAULT_STATE,
    jobs: Annotated[
        int, typer.Option(parser=whole("--jobs"), metavar="N", help="Processes at work.")
    ] = 1,
    seed: Seed = 0,
    dtype: Dtype = None,
    dialect: Dialect = None,
    json: Annotated[Path | None, typer.Option(help="Write the results so far here.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report so far here.")] = None,
    timeout: Timeout = DEFAULT_LIMITS.seconds,
    memory: Memory = DEFAULT_LIMITS.memory,
    restarts: Restarts = DEFAULT_LIMITS.restarts,
    in_process: InProcess = False,
) -> int:
    """Judge backends for as long as you like; stop at any time, and go on with the same words."""
    if not backends:
        raise UsageError("name a backend to fuzz; bnparity backends lists them")
    if dialect is not None:
        declaration(dialect)
    conditions = Conditions(
        seed=seed,
        dtypes=None if dtype is None else formats(dtype),
        dialect=dialect,
        limits=limits_of(timeout, memory, restarts),
        in_process=in_process,
    )
    blocks = None if examples is None else math.ceil(positive("--examples", examples) / BLOCK)
    chosen, count = names(backends, ()), positive("--jobs", jobs)
    for path in (json, html):
        writable(path)
    for name in chosen:
        loadable(name)
    begin, stopped = time.monotonic(), False
    try:
        with stored(state, make=True) as store:
            store.begin(conditions)
            reasons = {name.text: register(store, name, conditions) for name in chosen}
            able = [name for name in chosen if not reasons[name.text]]
            task = Task(
                backends=tuple(name.text for name in able),
                blocks=blocks,
                seconds=_ENDLESS if time_ is None else time_,
            )
            stopped = _worked(store, task, count)
            judgements = [_judged(store, name, reasons[name.text]) for name in chosen]
    except KeyboardInterrupt:
        raise Interrupted(_how_to_go_on(state, ())) from None
    document = to_document(
        judgements,
        seed=seed,
        seconds=time.monotonic() - begin,
        command=_command(),
    )
    leave(document, judgements, json, {"html": html}, conditions.limits)
    if stopped:
        raise Interrupted(_how_to_go_on(state, judgements))
    return exit_code(judgements, set(backends))


def _worked(store: Store, task: Task, count: int) -> bool:
    """Have `count` jobs do a task; return whether they were interrupted."""
    if not task.backends:
        return False
    try:
        with shown(store, task.backends, sys.stderr) as look:
            Jobs(folder=store.folder, task=task, count=count).run(look)
    except KeyboardInterrupt:
        return True
    return False


def _judged(store: Store, name: Name, reason: str) -> Judgement:
    if reason:
        return Judgement(name=name.text, interpreter=interpreter_of(name.base), reason=reason)
    return judgement_of(store, name)


def _how_to_go_on(state: Path, judgements: Sequence[Judgement]) -> str:
    done = ", ".join(f"{j.totals.cases} cases of {j.name}" for j in judgements)
    return f"stopped after {done or 'what was done'}, kept in {state}; go on with: {_command()}"


def _command() -> str:
    return shlex.join(["bnparity", *sys.argv[1:]])
