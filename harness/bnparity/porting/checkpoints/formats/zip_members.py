"""Where the members of a zip file lie, so that they are read as views of the file."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bnparity.backends import UsageError

#: The most members of an archive.
_MOST_MEMBERS = 1_000_000
#: What stands before the bytes of a member, beside its name and what extends it.
_LOCAL_HEADER = 30


def members_of(path: Path, kind: str) -> dict[str, zipfile.ZipInfo]:
    """Return the members of an archive by name; a `UsageError` if it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise UsageError(f"{str(path)!r} is no {kind} ({error}): save it again") from error
    if len(listed) > _MOST_MEMBERS:
        raise UsageError(f"{str(path)!r} has more than {_MOST_MEMBERS} members: split it")
    return {member.filename: member for member in listed}


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give an archive whose members are read; a `UsageError` if one of them is broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        told = " ".join(str(error).split())[:100]
        raise UsageError(f"{str(path)!r} is cut off or broken ({told}): save it again") from error


def begin_of(path: Path, member: zipfile.ZipInfo) -> int:
    """Return where the bytes of a member that is not compressed begin."""
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise UsageError(f"{str(path)!r}: {member.filename} is not where it should be")
    name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    return member.header_offset + _LOCAL_HEADER + name + extra
