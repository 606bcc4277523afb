"""Folders of Orbax's, read and written by Orbax where Flax is, in an interpreter of its own."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from bnparity.backends import UsageError, interpreter_of, output_of
from bnparity.porting.checkpoints.formats import orbax_script, raw
from bnparity.porting.checkpoints.tensors import Tensor

#: What every folder of a tree has, and the most bytes of it, which names arrays and holds none.
_METADATA, _MOST_METADATA = "_METADATA", 1 << 28
#: Seconds that a folder may take.
_SECONDS = 600


def read(path: Path) -> Iterator[Tensor]:
    """Yield the arrays of a tree by their paths, joined by ``/``."""
    if not (path / _METADATA).is_file():
        raise UsageError(
            f"{str(path)!r} has no {_METADATA}: give the folder of Orbax's that has it"
        )
    if (path / _METADATA).stat().st_size > _MOST_METADATA:
        raise UsageError(
            f"{str(path)!r}: its {_METADATA} has more than {_MOST_METADATA} bytes: save it again"
        )
    with tempfile.TemporaryDirectory() as folder:
        _run(path, "read", path.absolute(), *raw.files_in(Path(folder)))
        for tensor in raw.read(Path(folder)):
            # A view of the file, which stays when the file's name goes.
            yield replace(tensor, offset=-1, read=partial(np.asarray, tensor.read()))


def write(folder: Path, tensors: Sequence[Tensor]) -> None:
    """Make a folder of the tree that the names of tensors spell."""
    with tempfile.TemporaryDirectory() as inner:
        raw.write(Path(inner), tensors)
        _run(folder, "write", folder, *raw.files_in(Path(inner)))


def _run(path: Path, *words: object) -> None:
    output_of(
        [interpreter_of("flax"), orbax_script.__file__, *map(str, words)],
        seconds=_SECONDS,
        late=f"{str(path)!r}: Orbax took too long",
        failed=f"{str(path)!r} cannot be handled with Orbax",
        longest=200,
    )
