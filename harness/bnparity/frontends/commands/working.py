"""Who draws the blocks of a campaign: processes of this machine, or tasks of a Ray."""

import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import Annotated, TypeAlias

from typer import Option

from bnparity import sessions
from bnparity.frontends.commands.campaign_progress import campaign_progress

#: The option whose address may be left out.
_RAY = "--ray"

Ray: TypeAlias = Annotated[
    str | None,
    Option(
        _RAY,
        metavar="[ADDRESS]",
        show_default=False,
        help="Draw the blocks as tasks of Ray: HOST:PORT, ray://HOST:PORT or auto, the one that "
        "runs here; without an address, a Ray of this machine for this session.",
    ),
]


def spelled_out(arguments: Sequence[str]) -> list[str]:
    """Return the words of a command with an address behind each ``--ray`` that has none.

    Examples
    --------
    >>> spelled_out(["fuzz", "--ray", "numpy"])
    ['fuzz', '--ray=local', 'numpy']
    >>> spelled_out(["fuzz", "numpy", "--ray", "10.0.0.1:6379"])
    ['fuzz', 'numpy', '--ray', '10.0.0.1:6379']
    """
    followed = zip_longest(arguments, arguments[1:], fillvalue="")
    return [
        f"{_RAY}={sessions.LOCAL}" if word == _RAY and not sessions.is_address(after) else word
        for word, after in followed
    ]


def worked(
    store: sessions.Store, task: sessions.Task, jobs: int | None, ray: str | None, *, quiet: bool
) -> bool:
    """Have a task done by so many jobs, or by the `ray`; return whether it was interrupted."""
    if not task.backends:
        return False
    try:
        with campaign_progress(store, task, sys.stderr, quiet=quiet) as look:
            if ray is None:
                sessions.run_jobs(store.folder, task, jobs or 1, look)
                return False
            with sessions.on_ray(ray, jobs) as cluster:
                sessions.run_on_cluster(store, task, cluster, look, tell_line)
    except KeyboardInterrupt:
        return True
    return False


def tell_line(line: str) -> None:
    """Print a line beside the results."""
    print(f"bnparity: {line}", file=sys.stderr, flush=True)
