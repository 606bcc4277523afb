"""Checkpoints written: a file, or a folder, that is there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.checkpoint import format_of_file
from bnparity.porting.checkpoints.formats import caffe_model
from bnparity.porting.checkpoints.formats.formats import FORMATS, Format, Said
from bnparity.porting.checkpoints.spelling import spelt
from bnparity.porting.checkpoints.tensors import Tensor, by_name

_NOTHING: Mapping[str, Said] = MappingProxyType({})


def write_checkpoint(
    path: Path,
    to: str,
    tensors: tuple[Tensor, ...],
    *,
    like: Path | None = None,
    said: Mapping[str, Said] = _NOTHING,
) -> None:
    """Write tensors; where a format holds more than these, as `like` is but for them.

    Without such a one, a format that has eps and momentum of layers gets those that are `said`.

    Raises
    ------
    UsageError
        If its format cannot hold them.
    """
    how = _format(path, to, like)
    if how.fill is not None and like is not None:
        with _replacing(path) as made, made.open("wb") as file:
            how.fill(like, file, tensors)
        return
    arrays = spelt(to, tensors, {} if like is None else _as_in(like))
    with _replacing(path) as made:
        if how.write_folder is not None:
            made.unlink()
            how.write_folder(made, arrays)
            return
        with made.open("wb") as file:
            if how.write_said is not None:
                how.write_said(file, arrays, said)
            else:
                assert how.write is not None
                how.write(file, arrays)


def check_writable(path: Path, to: str, like: Path | None = None) -> None:
    """Check that a framework's tensors can be written to a file of that name."""
    _format(path, to, like)


def _format(path: Path, to: str, like: Path | None) -> Format:
    """Return the format that a file of that name has, which has to be one of the framework's."""
    fitting = {s: f for s, f in FORMATS.items() if f.framework in ("", to)}
    suffix = next((s for s in fitting if path.name.endswith(s)), "")
    if not suffix:
        raise UsageError(
            f"-o {path}: {to}'s arrays are written to a file that ends in {', '.join(fitting)}"
        )
    found = fitting[suffix]
    alone = found.write_said is not None and like is None
    if found.fill is not None and not alone and (like is None or not like.name.endswith(suffix)):
        raise UsageError(
            f"-o {path}: it holds more than arrays: give --like FILE{suffix}, which is written "
            "with other ones"
        )
    if found.write_folder is not None and path.exists():
        raise UsageError(f"-o {path}: it is there already: give the name of a new folder")
    return found


def _as_in(like: Path) -> dict[str, Tensor]:
    """Return the tensors of a target under the names that its file has."""
    if like.suffix == ".caffemodel":
        layers = caffe_model.layers(like)
        return by_name(like, (blob for layer in layers for blob in layer.blobs))
    return by_name(like, format_of_file(like).read(like, ""))


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, and put what is there in the place of `path`, unless it fails."""
    there = next(parent for parent in path.absolute().parents if parent.is_dir())
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=there) as folder:
        made = Path(folder) / path.name
        made.touch(0o666 & ~_umask())
        yield made
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        made.replace(path)


def _umask() -> int:
    """Return what files are made without here; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
