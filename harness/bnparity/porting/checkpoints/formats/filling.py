"""A file that is more than tensors, written anew with other ones: each where the old one lay."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.names import COUNT
from bnparity.porting.checkpoints.tensors import Tensor, pieces


def overwritten(
    target: Path, file: BinaryIO, pairs: Iterable[tuple[Tensor, Tensor]], *, begin: int = 0
) -> None:
    """Write a copy of `target` to `file`, with other elements in the first tensor of each pair.

    `begin` is where the target begins in the file that these were read from.

    Raises
    ------
    UsageError
        If two have other shapes or formats, or the first is not in one piece.
    """
    with target.open("rb") as whole:
        shutil.copyfileobj(whole, file)
    for there, tensor in pairs:
        _check_fits(there, tensor)
        file.seek(there.offset - begin)
        file.writelines(pieces(tensor))


def by_their_names(
    there: Iterable[Tensor], tensors: Iterable[Tensor]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the tensors of a target with the ones that replace them; a count has no place there.

    Raises
    ------
    UsageError
        If the target lacks another one.
    """
    places = {tensor.name: tensor for tensor in there}
    for tensor in tensors:
        if tensor.name in places:
            yield places[tensor.name], tensor
        elif tensor.name.rpartition(".")[2] != COUNT:
            raise UsageError(f"{tensor.name} has no place in --like: give the model that has it")


def _check_fits(there: Tensor, tensor: Tensor) -> None:
    if (there.dtype, there.shape) != (tensor.dtype, tensor.shape):
        here = f"{tensor.dtype} {list(tensor.shape)}"
        raise UsageError(
            f"{there.name} is {there.dtype} {list(there.shape)} in --like, and {here} here: give a "
            "target of that format"
        )
    if there.offset < 0:
        raise UsageError(f"{there.name} is not in one piece in --like: save that model again")
