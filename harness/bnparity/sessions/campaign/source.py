"""What a backend in a file is made of: that file, and what it imports from beside it."""

import hashlib
from contextlib import suppress
from modulefinder import ModuleFinder
from pathlib import Path


def digest_of_source(file: Path) -> str:
    """Return what changes when `file` is edited, or a module beside it that it imports.

    Imports are read, and nothing is run; what is installed elsewhere is not followed.
    """
    finder = ModuleFinder(path=[str(file.parent)])
    with suppress(SyntaxError):  # of a neighbour: the file itself has been imported
        finder.run_script(str(file))
    found = (getattr(module, "__file__", None) for module in finder.modules.values())
    content = hashlib.sha256()
    for path in sorted({str(file), *filter(None, found)}):
        content.update(Path(path).read_bytes())
    return content.hexdigest()
