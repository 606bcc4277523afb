"""A checkpoint as any format has it: tensors by name, and whose names they are."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bnparity.backends import UsageError, did_you_mean
from bnparity.porting.checkpoints.caffe import BlobLayer, blobs, filled, layers_of_blobs, named
from bnparity.porting.checkpoints.formats import caffe_model
from bnparity.porting.checkpoints.formats.formats import FORMATS, Format, Said, Write
from bnparity.porting.checkpoints.found import BatchNorm, batch_norms, framework_of
from bnparity.porting.checkpoints.names import NAMINGS
from bnparity.porting.checkpoints.tensors import Tensor, by_name

#: What a BatchNorm is known by.
_WANTED = "one is known by the mean and the variance that it keeps"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The tensors of a file by name, in the names of a framework.

    ``said`` has the eps and momentum of the layers of which the file says them.
    """

    path: Path
    framework: str
    tensors: Mapping[str, Tensor]
    norms: tuple[BatchNorm, ...]
    said: Mapping[str, Said] = field(default_factory=dict)


def read_checkpoint(path: Path, *, framework: str = "", key: str = "") -> Checkpoint:
    """Read what a checkpoint has; its tensors stay in the file until they are asked for.

    Parameters
    ----------
    path
        The file, whose format its suffix says.
    framework
        Whose names it has, where neither the suffix nor the names say it.
    key
        The part to read of a checkpoint of PyTorch that has several.

    Raises
    ------
    UsageError
        If it is none, or broken. Nothing that is in it is ever run.
    """
    found = format_of_file(path)
    if not path.is_file():
        raise UsageError(f"there is no file {str(path)!r}: give a checkpoint")
    if key and found.name != "torch":
        raise UsageError(f"--key {key}: only checkpoints of torch have parts")
    if path.stat().st_size == 0:
        raise UsageError(f"{str(path)!r} is empty: save it again")
    tensors = by_name(path, found.read(path, key))
    whose = known(framework) if framework else found.framework
    if whose in ("", "caffe") and (layers := layers_of_blobs(tensors)):
        whose, tensors = "caffe", by_name(path, named(layers))
    try:
        whose = whose or framework_of(tensors)
        norms = batch_norms(whose, tensors)
    except UsageError as error:
        raise UsageError(f"{str(path)!r}: {error}") from error
    if not norms:
        raise UsageError(f"{str(path)!r} has no BatchNorm by the names of {whose}: {_WANTED}")
    return Checkpoint(
        path=path, framework=whose, tensors=tensors, norms=norms, said=found.said(path)
    )


def known(framework: str) -> str:
    """Return the name of a framework whose checkpoints are ported."""
    if framework not in NAMINGS:
        hint = did_you_mean(framework, NAMINGS)
        raise UsageError(f"{framework!r} is not ported: choose from {', '.join(NAMINGS)}{hint}")
    return framework


def format_of_file(path: Path) -> Format:
    """Return the format of a file, by how its name ends; PyTorch's are archives."""
    suffix = next((s for s in FORMATS if path.name.endswith(s)), "")
    if not suffix:
        raise UsageError(
            f"{str(path)!r} is of no format that is ported: its name has to end in "
            f"{', '.join(FORMATS)}"
        )
    if suffix == ".ckpt" and path.is_file():
        with path.open("rb") as file:
            return FORMATS[".pt" if file.read(2) == b"PK" else suffix]
    return FORMATS[suffix]


def write_checkpoint(
    path: Path, to: str, tensors: tuple[Tensor, ...], *, like: Path | None = None
) -> None:
    """Write tensors to a file that is there whole or not at all.

    A format that holds more than tensors is written as `like` is, with its tensors replaced.

    Raises
    ------
    UsageError
        If its format cannot hold them.
    """
    write = _written_as(path, to, like)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file, tensors)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def check_writable(path: Path, to: str, like: Path | None = None) -> None:
    """Check that a framework's tensors can be written to a file of that name."""
    _written_as(path, to, like)


def _written_as(path: Path, to: str, like: Path | None) -> Write:
    """Return what writes a framework's tensors to a file of that name."""
    fitting = {s: f for s, f in FORMATS.items() if f.framework in ("", to)}
    suffix = next((s for s in fitting if path.name.endswith(s)), "")
    if not suffix:
        raise UsageError(
            f"-o {path}: {to}'s arrays are written to a file that ends in {', '.join(fitting)}"
        )
    write, fill = fitting[suffix].write, fitting[suffix].fill
    if fill is not None:
        if like is None or not like.name.endswith(suffix):
            raise UsageError(
                f"-o {path}: it holds more than arrays: give --like FILE{suffix}, which is written "
                "with other ones"
            )
        return partial(fill, like)
    assert write is not None
    if to == "caffe":
        return lambda file, tensors: write(file, tuple(_blobs(tensors, like)))
    return write


def _blobs(tensors: Iterable[Tensor], like: Path | None) -> Iterator[Tensor]:
    """Yield the blobs of Caffe's layers, under the names that a given target has."""
    layers = [] if like is None else _layers_of_caffe(like)
    pairs = filled(layers, {tensor.name: tensor for tensor in tensors})
    return (replace(new, name=blob.name) for blob, new in pairs) if layers else blobs(tensors)


def _layers_of_caffe(path: Path) -> list[BlobLayer]:
    if path.suffix == ".caffemodel":
        return caffe_model.layers(path)
    return layers_of_blobs(by_name(path, format_of_file(path).read(path, "")))


def _umask() -> int:
    """Return what files are made without here; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
