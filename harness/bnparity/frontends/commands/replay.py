"""`bnparity replay`: one kept finding in detail, or many in a line each."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from bnparity.backends import UsageError
from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS, NOTHING_CHECKED, WRONG_WORDS
from bnparity.frontends.commands.output import KEPT
from bnparity.sessions import OpenBackends, Plan, findings_at, read_finding, replay_finding

#: What became of a finding, in the order in which the sum tells it, for one and for many.
_ENDS = {
    "fails": ("still fails", "still fail"),
    "gone": ("is gone", "are gone"),
    "nothing": ("gave nothing to judge", "gave nothing to judge"),
    "not asked": ("was not asked", "were not asked"),
}


def replay_command(
    findings: Annotated[
        list[Path] | None,
        Argument(
            help="Folders of findings, or folders of such folders; "
            "what earlier runs kept in .bnparity if none is named."
        ),
    ] = None,
    *,
    backend: Annotated[str | None, Option(help="Ask this one instead.")] = None,
) -> int:
    """Put the cases of findings to their backends again: of one, of many, or of all."""
    kept = KEPT / "findings"
    if not findings and not kept.is_dir():
        print(f"no finding is kept in {kept}: name the folder of one")
        return NOTHING_CHECKED
    folders = [folder for path in findings or [kept] for folder in findings_at(path)]
    with closing(OpenBackends(Plan())) as place:
        if backend is not None:
            _ = place[backend]  # what is wrong with it is told once
        if len(folders) == 1:
            replayed = replay_finding(read_finding(folders[0]), place, backend)
            print(replayed.text)
            ends = [_end_of(replayed.fails)]
        else:
            ends = [_in_a_line(folder, place, backend) for folder in folders]
            print(_sum(ends))
    return _exit_code(ends)


def _in_a_line(folder: Path, place: OpenBackends, backend: str | None) -> str:
    """Replay the finding in `folder`, say in a line what became of it, and return that."""
    try:
        replayed = replay_finding(read_finding(folder), place, backend)
    except UsageError as error:
        end, told = "not asked", str(error)
    else:
        end, told = _end_of(replayed.fails), f"{folder}: {replayed.line}"
    print(f"{end:<10} {told}")
    return end


def _end_of(fails: bool | None) -> str:
    return {None: "nothing", True: "fails", False: "gone"}[fails]


def _sum(ends: Sequence[str]) -> str:
    counts = Counter(ends)
    told = [f"{counts[end]} {_ENDS[end][counts[end] > 1]}" for end in _ENDS if counts[end]]
    return f"{len(ends)} findings: {', '.join(told)}."


def _exit_code(ends: Sequence[str]) -> int:
    if "fails" in ends:
        return FINDINGS
    if "not asked" in ends:
        return WRONG_WORDS
    return ACCEPTABLE if "gone" in ends else NOTHING_CHECKED
