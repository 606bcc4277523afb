"""Keras's weights, ``.weights.h5`` or within a ``.keras`` archive, by h5py where Keras is."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from bnparity.backends import UsageError, interpreter_of, output_of
from bnparity.porting.checkpoints.formats import hdf5_script, raw
from bnparity.porting.checkpoints.formats.filling import by_their_names, overwritten
from bnparity.porting.checkpoints.formats.zip_members import begin_of, members_of, opened
from bnparity.porting.checkpoints.tensors import Tensor, lies_in

#: The members of a ``.keras`` archive.
_WEIGHTS, _CONFIG = "model.weights.h5", "config.json"
#: Seconds that a file may take.
_SECONDS = 600
#: The most bytes of a configuration.
_MOST_CONFIG = 1 << 26


def read(path: Path) -> Iterator[Tensor]:
    """Yield the arrays of a file, as views of it."""
    if path.suffix != ".keras":
        yield from _datasets(path, path, 0)
        return
    member = _weights(path)
    with tempfile.TemporaryDirectory() as folder:
        with opened(path) as archive:
            inner = archive.extract(member, folder)
        yield from _datasets(path, Path(inner), begin_of(path, member))


def _weights(path: Path) -> zipfile.ZipInfo:
    """Return the member of an archive that has the weights, as they are."""
    member = members_of(path, "archive of Keras").get(_WEIGHTS)
    if member is None or member.compress_type != zipfile.ZIP_STORED:
        raise UsageError(f"{str(path)!r} has no {_WEIGHTS} as it is: save the weights alone")
    return member


def fill(target: Path, file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write an archive with other weights, and all else as it is in the target."""
    member = _weights(target)
    begin = begin_of(target, member)
    with tempfile.TemporaryDirectory() as folder, opened(target) as archive:
        inner, made = Path(archive.extract(member, folder)), Path(folder) / "filled.h5"
        pairs = by_their_names(_datasets(target, inner, begin), tensors)
        with made.open("wb") as out:
            overwritten(inner, out, pairs, begin=begin)
        with zipfile.ZipFile(file, "w") as new:
            for each in archive.infolist():
                copied = zipfile.ZipInfo(each.filename, each.date_time)
                copied.compress_type = each.compress_type
                member_of = made.open("rb") if each.filename == _WEIGHTS else archive.open(each)
                with member_of as old, new.open(copied, "w", force_zip64=True) as out:
                    shutil.copyfileobj(old, out)


def _datasets(path: Path, inner: Path, begin: int) -> Iterator[Tensor]:
    for about in json.loads(_run(path, "list", str(inner))):
        name, offset = str(about["name"]), about["offset"]
        if offset is None and 0 not in about["shape"]:
            raise UsageError(f"{str(path)!r}: {name} is compressed or cut up: save it again")
        shape = tuple(map(int, about["shape"]))
        yield lies_in(path, name, str(about["dtype"]), shape, begin + int(offset or 0))


def _run(path: Path, *words: str) -> str:
    """Return what the script prints where h5py is; a `UsageError` if it fails."""
    command = [interpreter_of("keras"), hdf5_script.__file__, *words]
    return output_of(
        command,
        seconds=_SECONDS,
        late=f"{str(path)!r}: it took too long to read it",
        failed=f"{str(path)!r} cannot be handled with h5py",
        longest=200,
    )


def said(path: Path) -> dict[str, Mapping[str, float]]:
    """Return eps and momentum of each BatchNormalization that a ``.keras`` archive describes.

    They are named as the weights name them: by class, in the order of the layers.
    """
    if path.suffix != ".keras":
        return {}
    try:
        with opened(path) as archive, archive.open(_CONFIG) as file:
            described = json.loads(file.read(_MOST_CONFIG))
        layers = described["config"].get("layers", [])
        norms = [each["config"] for each in layers if each["class_name"] == "BatchNormalization"]
        return {
            f"layers/batch_normalization{f'_{number}' if number else ''}": {
                "eps": float(config["epsilon"]),
                "momentum": float(config["momentum"]),
            }
            for number, config in enumerate(norms)
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UsageError(f"{str(path)!r}: its {_CONFIG} is broken: save it again") from error


def write(file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write tensors as ``load_weights`` reads them."""
    if narrow := [tensor.name for tensor in tensors if tensor.dtype == "bfloat16"]:
        raise UsageError(f"{narrow[0]} is bfloat16: HDF5 has no such format")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.h5"
        raw.write(Path(folder), tensors)
        _run(out, "write", str(out), *map(str, raw.files_in(Path(folder))))
        with out.open("rb") as made:
            shutil.copyfileobj(made, file)
