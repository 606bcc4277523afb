"""What a campaign has learnt, from its state alone: no backend is asked, and no code of it loaded.

At the end of each session its results are kept in the state, diagnosed and all. Where cases have
been counted since, by a session that goes on or was killed, the counts are told instead.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from bnparity.backends import UsageError
from bnparity.frontends.commands.output import command_line
from bnparity.results import Document, dump, found_from_here, read, to_document, write
from bnparity.sessions import known_judgements, stored

#: What the last session said, in its state.
_LAST = "results.json"


def campaign_results(state: Path, named: Sequence[str] = ()) -> Document:
    """Return the results of the campaign in `state`: of all backends, or of those `named`."""
    with stored(state) as store:
        judgements = known_judgements(store)
        seed = store.conditions().get("seed", 0)
    seconds = sum(judgement.seconds for judgement in judgements)
    document = to_document(judgements, seed=seed, seconds=seconds, command=command_line())
    last = _last(state)
    if last is not None and _cases(document).items() <= _cases(last).items():
        document = found_from_here(last, state)
    unknown = sorted(set(named) - _cases(document).keys())
    if unknown:
        raise UsageError(
            f"{str(state)!r} has no results of {unknown[0]}: it has {_names(document)}"
        )
    backends = [b for b in document["backends"] if not named or b["name"] in named]
    return {**document, "backends": backends}


def keep_last(document: Document, folder: Path, state: Path) -> None:
    """Keep what a session says, whose findings lie below `folder`, in its state."""
    way = Path(os.path.relpath(folder, state))
    write(state / _LAST, dump(found_from_here(document, way)))


def forget_last(state: Path) -> None:
    """Remove what the session before this one said: it is out of date from now on."""
    (state / _LAST).unlink(missing_ok=True)


def _last(state: Path) -> Document | None:
    return read(state / _LAST) if (state / _LAST).is_file() else None


def _cases(document: Document) -> dict[str, int]:
    return {backend["name"]: backend["cases"] for backend in document["backends"]}


def _names(document: Document) -> str:
    return ", ".join(_cases(document)) or "none of any"
