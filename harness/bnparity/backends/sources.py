"""What a backend's own files held when they were run: a digest of each, taken from the very bytes.

A file that is edited while a session goes on is another backend: who starts a second process for
the first one has to notice. So code beside a backend's file is compiled from what was read, not
from a cached compilation of what lay there at some time of the same second. This runs where the
backend runs: the standard library alone is needed.
"""

import hashlib
import linecache
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    ExtensionFileLoader,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    all_suffixes,
)
from importlib.util import decode_source, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any


class Sources(MetaPathFinder):
    """Finds the modules in a folder as Python does, and keeps a digest of each that is run.

    ``found`` has the digests by path from the folder. What is installed somewhere below it is no
    part of it, nor what a module reads or loads without an import.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: dict[str, str] = {}
        self._names: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module of the folder is; None of any other."""
        parent, _, name = fullname.rpartition(".")
        if parent not in self._names and (parent or not self._may_have(name)):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not self._has(Path(spec.origin)):
            return None
        self._names.add(fullname)
        if isinstance(spec.loader, ExtensionFileLoader):
            self.note(Path(spec.origin), Path(spec.origin).read_bytes())
        elif isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Noting(fullname, spec.origin, self)
        return spec

    def of_file(self, file: Path) -> ModuleSpec | None:
        """Return how a file of the folder is loaded that is named by itself."""
        file = self.folder / file.name
        return spec_from_file_location(file.stem, file, loader=_Noting(file.stem, str(file), self))

    def note(self, file: Path, content: bytes) -> None:
        """Keep a digest of what was in a file."""
        place = file.parent.resolve() / file.name
        self.found[str(place.relative_to(self.folder))] = digest_of(content)

    def _may_have(self, name: str) -> bool:
        return any((self.folder / f"{name}{suffix}").exists() for suffix in ("", *all_suffixes()))

    def _has(self, file: Path) -> bool:
        return file.parent.resolve().is_relative_to(self.folder)


class _Noting(SourceFileLoader):
    """Runs what is in a file now, and notes it, for whoever asks for its lines later too."""

    def __init__(self, fullname: str, path: str, sources: Sources) -> None:
        super().__init__(fullname, path)
        self._sources = sources

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002  # the import system's own
        content = self.get_data(self.path)
        self._sources.note(Path(self.path), content)
        code: CodeType = self.source_to_code(content, self.path)
        # Compilers of kernels read a function's lines again, and would read what is there by then.
        lines = decode_source(content).splitlines(keepends=True)
        linecache.cache[self.path] = (len(content), None, lines, self.path)
        return code


def sources_of(target: str) -> Sources:
    """Return what notes a target's own files when they are run: all that is beside it.

    Of a module that is in the folder that we are in, or below it, that is this folder.
    """
    place = target.rpartition(":")[0]
    folder = Path(place).parent.resolve() if place.endswith(".py") else Path.cwd()
    finders: list[Any] = sys.meta_path
    for finder in finders:
        if isinstance(finder, Sources) and finder.folder == folder:
            return finder
    sources = Sources(folder)
    # Before what finds files, and after what knows modules of Python's own.
    before = finders.index(PathFinder) if PathFinder in finders else len(finders)
    finders.insert(before, sources)
    return sources


def digest_of(content: bytes) -> str:
    """Return what changes when content does."""
    return hashlib.sha256(content).hexdigest()
