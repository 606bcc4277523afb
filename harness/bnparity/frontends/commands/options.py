"""Options that several commands take, each worded once."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

from typer import Argument, Option

from bnparity.backends import Limits, UsageError
from bnparity.frontends.commands.parsing import bytes_of, seconds, whole

#: Where a file is, or is to be, if there is to be any.
File: TypeAlias = Path | None


def number(option: str, told: str) -> Any:
    """Return `option`, which takes a whole number; `told` is its help."""
    return Option(option, parser=whole(option), metavar="N", help=told)


def length(option: str, metavar: str, told: str) -> Any:
    """Return `option`, which takes a length of time; `told` is its help."""
    return Option(option, parser=seconds(option), metavar=metavar, help=told)


Backends: TypeAlias = Annotated[
    list[str] | None, Argument(help="Names, or file.py:function; none for every one available.")
]
Examples: TypeAlias = Annotated[int | None, number("--examples", "Cases for each backend.")]
Seed: TypeAlias = Annotated[int, number("--seed", "The same seed draws the same cases.")]
Dtype: TypeAlias = Annotated[
    str | None,
    Option(help="float32,float64,float16,bfloat16; all that a backend takes if not given."),
]
MaxElements: TypeAlias = Annotated[
    int, number("--max-elements", "The most elements of a case's data; 1048576 at most.")
]
Dialect: TypeAlias = Annotated[
    str | None, Option(help="Judge by this dialect, whatever is declared.")
]
Json: TypeAlias = Annotated[File, Option(help="Write the results here.")]
Html: TypeAlias = Annotated[File, Option(help="Write the report here.")]
Markdown: TypeAlias = Annotated[File, Option(help="Write a summary here, for a job or a comment.")]
Junit: TypeAlias = Annotated[
    File, Option(help="Write JUnit XML here: a test for each backend and output.")
]
Timeout: TypeAlias = Annotated[
    float, length("--timeout", "SECONDS", "Seconds that a call may take.")
]
Memory: TypeAlias = Annotated[
    int,
    Option(
        parser=bytes_of("--memory"),
        metavar="SIZE",
        show_default="half of the machine's",
        help="What a backend's process may hold: 512M, 4G.",
    ),
]
Restarts: TypeAlias = Annotated[
    int, number("--restarts", "How often it is started again before it is given up.")
]
InProcess: TypeAlias = Annotated[
    bool, Option("--in-process", help="No worker: faster, for trusted backends.")
]


def limits_of(timeout: float, memory: int, restarts: int) -> Limits:
    """Return what a backend may take; a `UsageError` if it could not even begin."""
    if restarts < 0:
        raise UsageError(f"--restarts {restarts}: give 0 or more")
    return Limits(seconds=timeout, memory=memory, restarts=restarts)
