"""Scripts of ours, run once in an interpreter that has what they need."""

import subprocess
from collections.abc import Sequence

from bnparity.backends.errors import UsageError


def output_of(
    command: Sequence[str], *, seconds: float, late: str, failed: str, longest: int | None = None
) -> str:
    """Return what a command prints to stdout.

    Raises
    ------
    UsageError
        Saying `late` if it takes more than so many `seconds`; if it fails, what `failed`, and the
        last line that it wrote to stderr, of at most `longest` characters.
    """
    try:
        done = subprocess.run(
            [*command], capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(late) from error
    if done.returncode != 0:
        told = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise UsageError(f"{failed}: {told[:longest]}")
    return done.stdout
