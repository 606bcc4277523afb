"""A question sheet: cases for a device or a language that bnparity does not reach.

Its folder is answered by programs that know nothing of bnparity, and then is a dump.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from bnparity import __version__
from bnparity.backends import Array, UsageError, asked_for
from bnparity.cases import Case, declaration, make_inputs, mask_asked, space_of
from bnparity.results import dump, read_json, write
from bnparity.sessions.recorded.files import OF_BITS

SCHEMA = "bnparity-cases/1"

#: The names of formats in safetensors, by ours.
_BITS = MappingProxyType({np.dtype(kind).name: name for name, kind in OF_BITS.items()})

#: The fewest values of a channel that a mask leaves in.
_LEAST = 2

#: The most characters that are believed of a dialect.
_LONGEST = 500


def write_sheet(
    folder: Path,
    *,
    dialect: str,
    dtypes: Sequence[str],
    examples: int,
    seed: int,
    takes_mask: str = "",
) -> int:
    """Write so many cases to `folder`, which has to be empty, and return how many there are.

    Some have a mask, if `takes_mask` says which are taken: for ``"positions"`` or ``"elements"``.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} is there, and not empty: give a new folder with --out")
    drawn = _drawn(dialect, dtypes, examples, seed, takes_mask)
    width = max(4, len(str(len(drawn))))
    names = [f"{number:0{width}}" for number in range(len(drawn))]
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    (folder / "answers").mkdir(exist_ok=True)
    asked = [_write(folder / _file(name), case) for name, case in zip(names, drawn, strict=True)]
    about = {"schema": SCHEMA, "bnparity": __version__, "dialect": dialect, "seed": seed}
    write(folder / "manifest.json", dump({**about, "cases": asked}))
    page = files("bnparity.sessions.recorded").joinpath("sheet.txt").read_text()
    write(folder / "README.txt", page)
    return len(drawn)


def dialect_of_sheet(folder: Path) -> str | None:
    """Return the dialect that a folder was asked in; None if it is no sheet."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return None
    said = read_json(manifest)
    is_sheet = isinstance(said, Mapping) and said.get("schema") == SCHEMA
    return str(said.get("dialect"))[:_LONGEST] if is_sheet else None


def _file(name: str) -> str:
    return f"cases/{name}.safetensors"


def _drawn(
    dialect: str, dtypes: Sequence[str], examples: int, seed: int, takes_mask: str
) -> list[Case]:
    """Return cases that a single call can answer, in memory without gaps."""
    declared, alone = declaration(dialect), dict[Case, None]()
    drawn = space_of(declared, dtypes=dtypes).drawn(seed)
    while len(alone) < examples and (found := next(drawn, None)):  # some differ in what is left out
        case = _alone(found[1], declared.default_momentum)
        alone[replace(case, mask=mask_asked(case, takes_mask, _LEAST))] = None
    return list(alone)


def _alone(case: Case, default_momentum: float) -> Case:
    """Return `case` as one call, on data that lie as they are written."""
    momentum = default_momentum if case.momentum is None else case.momentum
    alone = replace(case, history=(), calls=1, reused=False, threads=None, momentum=momentum)
    return replace(alone, layout="contiguous", grad_layout="contiguous")


def _write(path: Path, case: Case) -> dict[str, Any]:
    """Write the question that `case` is, and return what the manifest says of it."""
    made = vars(make_inputs(case))
    inputs = {k: np.ascontiguousarray(a) for k, a in made.items() if a is not None}
    said = {
        "training": str(case.training).lower(),
        "tracked": str(case.tracked).lower(),
        "momentum": repr(case.momentum),
        "eps": repr(case.eps),
    }
    path.write_bytes(_serialized(inputs, said))
    arrays = {k: {"dtype": a.dtype.name, "shape": list(a.shape)} for k, a in inputs.items()}
    asked = list(asked_for({**dict.fromkeys(made), **inputs}))
    return {"file": f"cases/{path.name}", **said, "arrays": arrays, "asked": asked}


def _serialized(arrays: Mapping[str, Array], said: Mapping[str, str]) -> bytes:
    """Return a safetensors file; that library's own writer shuffles what is said."""
    header: dict[str, Any] = {"__metadata__": said}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        offsets = {"shape": list(array.shape), "data_offsets": [begin, end]}
        header[name] = {"dtype": _BITS[array.dtype.name], **offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = [array.tobytes() for array in arrays.values()]
    return b"".join([len(text).to_bytes(8, "little"), text, *data])
