"""A dump, a file or a folder of files, read call by call.

A name in a dump is a path, ``layer1/x`` or ``layer1.x``, through folders, files and the names in a
file alike: its last part says what it is, and the rest whose call it belongs to. Parts that say
whether it went in or came out, as ``inputs/`` and ``outputs/``, belong to neither.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from bnparity.backends import UsageError
from bnparity.sessions.recorded.calls import (
    NAMES,
    NAMES_OF_OUTPUTS,
    SETTINGS,
    RecordedCall,
    Spelling,
    recorded_call,
)
from bnparity.sessions.recorded.files import SUFFIXES, read_file

_IN, _OUT = ("inputs", "cases"), ("outputs", "answers", "got")
#: Files that stand beside the others in the folder of a finding.
_OURS = ("expected", "bound")

_TRUTHS = MappingProxyType(
    {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
)


def read_dump(path: Path, spelling: Spelling) -> Iterator[RecordedCall]:
    """Yield the calls in the file or folder `path`, in the order of their names.

    Raises
    ------
    UsageError
        If it holds none, or anything that is no call.
    """
    if not path.exists():
        raise UsageError(f"there is no {str(path)!r}: give a file or a folder of recorded tensors")
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    groups: dict[str, list[Path]] = {}
    for file in files:
        if file.suffix in SUFFIXES and file.stem not in _OURS:
            groups.setdefault(_group(path, file), []).append(file)
    if not groups:
        raise UsageError(f"{str(path)!r} has no file of tensors: record {', '.join(SUFFIXES)}")
    for group, members in sorted(groups.items()):
        for name, recorded in sorted(_calls(path, group, members, spelling).items()):
            yield recorded_call(name, _settled(name, recorded, spelling))


def _parts(path: Path, file: Path) -> list[str]:
    """Return the parts of a file's name in a dump; a single file has none."""
    if path == file:
        return []
    return list(file.relative_to(path).with_suffix("").parts)


def _group(path: Path, file: Path) -> str:
    """Return what the files of the same calls have in common."""
    parts = _parts(path, file)
    if file.suffix == ".npy":
        parts = _split("/".join(parts))[:-1]
    return "/".join(part for part in parts if part not in (*_IN, *_OUT))


def _split(name: str) -> list[str]:
    return [part for part in re.split(r"[/.]", name) if part]


def _calls(
    path: Path, group: str, files: list[Path], spelling: Spelling
) -> dict[str, dict[str, Any]]:
    """Return what `files` have recorded, by call and by our names."""
    calls: dict[str, dict[str, Any]] = {}
    unknown: list[str] = []
    for file in files:
        for name, value in read_file(file).items():
            whole = "/".join([*_parts(path, file), *([name] if name else [])])
            ours, inner = _meant(whole, name or file.stem, spelling)
            if ours is None:
                unknown.append(name or whole)
                continue
            of_call = "/".join(filter(None, [group, *inner])) if file.suffix != ".npy" else group
            calls.setdefault(of_call, {})[ours] = value
    if not any("x" in recorded for recorded in calls.values()):
        if [file.suffix for file in files] == [".npy"]:
            raise UsageError(
                f"{str(path)!r} holds one array: give the folder that has x.npy and the others"
            )
        there = [*unknown, *(name for recorded in calls.values() for name in recorded), "NAME"]
        shown = ", ".join(there[:8][: len(there) - 1]) or "nothing"
        raise UsageError(f"{str(path)!r} has no x, but {shown}: name it, --map x={there[0]}")
    return _with_settings_of_file(group, calls)


def _meant(whole: str, name: str, spelling: Spelling) -> tuple[str | None, list[str]]:
    """Return our name for what is called `name`, None for none, and whose call it belongs to."""
    parts = _split(name)
    said = [spelling.theirs.get(whole), spelling.theirs.get(name), spelling.theirs.get(parts[-1])]
    ours = next(filter(None, said), parts[-1])
    inner = [part for part in parts[:-1] if part not in (*_IN, *_OUT)]
    if ours not in NAMES:
        return None, inner
    came_out = any(part in _OUT for part in _split(whole)[:-1])
    after = f"new_{ours}"
    return (after if came_out and after in NAMES_OF_OUTPUTS else ours), inner


def _with_settings_of_file(
    group: str, calls: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the calls of a file, each with the settings that stand in the file but for none."""
    if len(calls) < 2 or set(calls.get(group, ())) - set(SETTINGS):
        return calls
    common = calls.pop(group, {})
    return {name: common | recorded for name, recorded in calls.items()}


def _settled(name: str, recorded: Mapping[str, Any], spelling: Spelling) -> dict[str, Any]:
    """Return a call with all its settings, of the types that they have."""
    where = f"in {name}, " if name else ""
    known = {**spelling.given, **recorded}
    settings = {
        "training": _truth(where, "training", known.get("training")),
        "tracked": None if "tracked" not in known else _truth(where, "tracked", known["tracked"]),
        "eps": _number(where, "eps", known.get("eps")),
        "momentum": None,
    }
    if any(output in known for output in ("new_running_mean", "new_running_var")):
        settings["momentum"] = _number(where, "momentum", known.get("momentum"))
    return {**known, **settings}


def _truth(where: str, setting: str, value: Any) -> bool:
    if value is None:
        raise UsageError(
            f"{where}training is missing: record it, or give --training or --inference"
        )
    text = str(value.item() if isinstance(value, np.ndarray) and value.size == 1 else value).lower()
    if text not in _TRUTHS:
        raise UsageError(f"{where}{setting} is {text[:40]}: record true or false")
    return _TRUTHS[text]


def _number(where: str, setting: str, value: Any) -> float | None:
    if value is None:
        raise UsageError(f"{where}{setting} is missing: record it, or give --{setting}")
    if setting == "momentum" and str(value).lower() == "none":
        return None
    try:
        number = float(value.item() if isinstance(value, np.ndarray) else value)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{where}{setting} is {str(value)[:40]}: record a number") from error
    if not -1e300 < number < 1e300 or (setting == "eps" and number < 0):
        raise UsageError(f"{where}{setting} is {number}: record a finite number, eps 0 or more")
    return number
