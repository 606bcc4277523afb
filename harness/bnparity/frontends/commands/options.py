"""Options that several commands take, each worded once."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bnparity.backends import Limits, UsageError
from bnparity.frontends.commands.parsing import bytes_of, seconds, whole

Examples: TypeAlias = Annotated[
    int | None,
    typer.Option(parser=whole("--examples"), metavar="N", help="Cases for each backend."),
]
Seed: TypeAlias = Annotated[
    int,
    typer.Option(parser=whole("--seed"), metavar="N", help="The same seed draws the same cases."),
]
Dtype: TypeAlias = Annotated[
    str | None, typer.Option(help="float32,float64,float16,bfloat16; float32 if not given.")
]
Dialect: TypeAlias = Annotated[
    str | None, typer.Option(help="Judge by this dialect, whatever is declared.")
]
Json: TypeAlias = Annotated[Path | None, typer.Option(help="Write the results here.")]
Html: TypeAlias = Annotated[Path | None, typer.Option(help="Write the report here.")]
Markdown: TypeAlias = Annotated[
    Path | None, typer.Option(help="Write a summary here, for a job or a comment.")
]
Junit: TypeAlias = Annotated[
    Path | None, typer.Option(help="Write JUnit XML here: a test for each backend and output.")
]
Timeout: TypeAlias = Annotated[
    float,
    typer.Option(
        parser=seconds("--timeout"), metavar="SECONDS", help="Seconds that a call may take."
    ),
]
Memory: TypeAlias = Annotated[
    int,
    typer.Option(
        parser=bytes_of("--memory"),
        metavar="SIZE",
        show_default="half of the machine's",
        help="What a backend's process may hold: 512M, 4G.",
    ),
]
Restarts: TypeAlias = Annotated[
    int,
    typer.Option(
        parser=whole("--restarts"),
        metavar="N",
        help="How often it is started again before it is given up.",
    ),
]
InProcess: TypeAlias = Annotated[
    bool, typer.Option("--in-process", help="No worker: faster, for trusted backends.")
]


def limits_of(timeout: float, memory: int, restarts: int) -> Limits:
    """Return what a backend may take, as the options say.

    Raises
    ------
    UsageError
        If it could not even begin.
    """
    if restarts < 0:
        raise UsageError(f"--restarts {restarts}: give 0 or more")
    return Limits(seconds=timeout, memory=memory, restarts=restarts)
