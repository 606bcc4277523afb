"""Arrays one after the other in a file, with a header beside it: what scripts are handed."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from bnparity.porting.checkpoints.tensors import Tensor, lies_in, pieces


def files_in(folder: Path) -> tuple[Path, Path]:
    """Return the paths of the header and of the elements in a folder."""
    return folder / "header.json", folder / "data"


def write(folder: Path, tensors: Sequence[Tensor]) -> None:
    """Write the files of tensors into a folder."""
    header, data = files_in(folder)
    header.write_text(json.dumps([[t.name, t.dtype, t.shape] for t in tensors]))
    with data.open("wb") as file:
        for tensor in tensors:
            file.writelines(pieces(tensor))


def read(folder: Path) -> Iterator[Tensor]:
    """Yield the tensors of the files in a folder, as views of them."""
    (header, data), at = files_in(folder), 0
    for name, dtype, shape in json.loads(header.read_text()):
        tensor = lies_in(data, str(name), str(dtype), tuple(map(int, shape)), at)
        yield tensor
        at += tensor.bytes_
