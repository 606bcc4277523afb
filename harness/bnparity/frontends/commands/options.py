"""Options that several commands take, each worded once."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

from typer import Argument, Option

from bnparity.backends import KINDS, Limits
from bnparity.frontends.commands.parsing import bytes_of, file, not_negative, place, seconds, whole

#: Where a file is, or is to be, if there is to be any.
File: TypeAlias = Path | None


def number(option: str, told: str) -> Any:
    """Return `option`, which takes a whole number; `told` is its help."""
    return Option(option, parser=whole(option), metavar="N", help=told)


def length(option: str, metavar: str, told: str) -> Any:
    """Return `option`, which takes a length of time; `told` is its help."""
    return Option(option, parser=seconds(option), metavar=metavar, help=told)


def file_named(option: str, told: str) -> Any:
    """Return `option`, which takes the path of a file; `told` is its help."""
    return Option(option, parser=file(option), metavar="FILE", help=told)


def json_file(told: str) -> Any:
    """Return the option ``--json``, whose file may be standard output; `told` is its help."""
    return Option(
        "--json",
        parser=place,
        metavar="FILE",
        help=f"{told}; - prints it, and nothing else, to standard output.",
    )


Backends: TypeAlias = Annotated[
    list[str] | None,
    Argument(help="Names, or file.py:function; none for the local ones, torch and mindspore."),
]
As: TypeAlias = Annotated[
    str | None,
    Option(
        "--as",
        metavar="KIND",
        show_default=False,
        help=f"What the named are, where their type does not say: {', '.join(KINDS)}.",
    ),
]
Map: TypeAlias = Annotated[
    list[str] | None,
    Option(
        "--map",
        metavar="OURS=THEIRS",
        help="Where a layer keeps its state: running_mean=ema_mean. May be repeated.",
    ),
]
Python: TypeAlias = Annotated[
    str | None,
    Option(
        "--python",
        metavar="PATH",
        show_default=False,
        help="The interpreter that runs the named; it needs NumPy, and nothing of bnparity.",
    ),
]
Examples: TypeAlias = Annotated[int | None, number("--examples", "Cases for each backend.")]
Seed: TypeAlias = Annotated[int, number("--seed", "The same seed draws the same cases.")]
ProjectSeed: TypeAlias = Annotated[
    int | None, number("--seed", "The same seed draws the same cases; 0 if not given.")
]
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
Json: TypeAlias = Annotated[File, json_file("Write the results here")]
OnlyJson: TypeAlias = Annotated[File, json_file("Write the same as JSON here")]
Html: TypeAlias = Annotated[File, file_named("--html", "Write the report here.")]
Markdown: TypeAlias = Annotated[
    File, file_named("--markdown", "Write a summary here, for a job or a comment.")
]
Junit: TypeAlias = Annotated[
    File, file_named("--junit", "Write JUnit XML here: a test for each backend and output.")
]
Timeout: TypeAlias = Annotated[
    float,
    length(
        "--timeout", "SECONDS", "Seconds that a call may take; six times that where it compiles."
    ),
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

Quiet: TypeAlias = Annotated[
    int,
    Option(
        "--quiet",
        "-q",
        count=True,
        show_default=False,
        help="Print a line for each backend; -qq nothing but errors.",
    ),
]
Verbose: TypeAlias = Annotated[
    bool, Option("--verbose", "-v", help="Tell all there is, one by one.")
]
MaxFail: TypeAlias = Annotated[
    int | None,
    Option(
        "--maxfail",
        parser=whole("--maxfail"),
        metavar="N",
        show_default=False,
        help="Stop asking a backend after N failing cases, 0 never; if not given, after 5 if all "
        "raised the same, crashed or hung.",
    ),
]


def limits_of(timeout: float, memory: int, restarts: int) -> Limits:
    """Return what a backend may take; a `UsageError` if it could not even begin."""
    least = not_negative("--restarts", restarts)
    return Limits(seconds=timeout, memory=memory, restarts=least)
