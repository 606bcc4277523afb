"""A checkpoint that is read: tensors by name as any format has it, and whose names they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bnparity.backends import UsageError, did_you_mean
from bnparity.porting.checkpoints.formats.formats import FORMATS, ORBAX, Format, Said
from bnparity.porting.checkpoints.found import BatchNorm, batch_norms, framework_of
from bnparity.porting.checkpoints.names import NAMINGS
from bnparity.porting.checkpoints.spelling import understood
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
    if not path.exists():
        raise UsageError(f"there is no file {str(path)!r}: give a checkpoint")
    if key and found.name != "torch":
        raise UsageError(f"--key {key}: only checkpoints of torch have parts")
    if path.stat().st_size == 0:
        raise UsageError(f"{str(path)!r} is empty: save it again")
    tensors = by_name(path, found.read(path, key))
    whose = known(framework) if framework else found.framework
    whose, tensors = understood(path, whose, tensors)
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
    """Return the name of a framework whose checkpoints are ported; a `UsageError` if it is none."""
    if framework not in NAMINGS:
        hint = did_you_mean(framework, NAMINGS)
        raise UsageError(f"{framework!r} is not ported: choose from {', '.join(NAMINGS)}{hint}")
    return framework


def format_of_file(path: Path) -> Format:
    """Return the format of a file, by how its name ends; PyTorch's are archives.

    A folder is Orbax's, whatever its name. A file that ends otherwise is a `UsageError`.
    """
    if path.is_dir():
        return FORMATS[ORBAX]
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
