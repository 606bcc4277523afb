"""What a backend is made of: its file, or its module here, and what is imported from beside it.

What is noted when a backend is registered is what may be counted: each process that asks it says
what it has run, and a block of anything else is not counted.
"""

from collections.abc import Mapping
from contextlib import suppress
from modulefinder import ModuleFinder
from os.path import relpath
from pathlib import Path
from typing import Any

from bnparity.backends import UsageError, digest_of


def digests_of(file: Path) -> dict[str, str]:
    """Return a digest of `file`, and of each module beside it that it imports, by path from there.

    Imports are read, also those that a call makes, and nothing is run; what is installed elsewhere
    is not followed.
    """
    finder = ModuleFinder(path=[str(file.parent)])
    with suppress(SyntaxError):  # of a neighbour: the file itself has been imported
        finder.run_script(str(file))
    found = (getattr(module, "__file__", None) for module in finder.modules.values())
    paths = {str(file), *filter(None, found)}
    return {relpath(path, file.parent): digest_of(Path(path).read_bytes()) for path in paths}


def files_of(file: Path, held: Mapping[str, str]) -> dict[str, bytes]:
    """Return what is in `file` and beside it, as far as a state has `held` digests of it.

    A `UsageError` if it is not what it was: what is sent away is what has been noted.
    """
    found = {}
    for place, digest in held.items():
        with suppress(OSError):  # told as what it is: another one
            found[place] = (file.parent / place).read_bytes()
        with_run({place: digest}, {place: digest_of(found.get(place, b""))})
    return found


def is_same(held: Any, now: Mapping[str, str], folder: Path) -> bool:
    """Return whether what a state `held` of a source is what it is `now`.

    A file that only a call has run may be in the state alone: it is looked at in `folder`.
    """
    if not isinstance(held, dict) or not now.items() <= held.items():
        return False
    with suppress(OSError):
        rest = held.keys() - now.keys()
        return all(digest_of((folder / file).read_bytes()) == held[file] for file in rest)
    return False


def with_run(held: Mapping[str, str], run: Mapping[str, str]) -> dict[str, str]:
    """Return the source that a state has `held`, with what a process has `run` of it.

    A `UsageError` if that was another one.
    """
    for file, digest in run.items():
        if held.get(file, digest) != digest:
            raise UsageError(
                f"{file} has changed while the campaign was at work: what it was before is not "
                "added to; say the same command again to start afresh"
            )
    return {**held, **run}
