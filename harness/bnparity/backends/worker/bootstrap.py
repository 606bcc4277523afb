"""What a worker's interpreter runs: the harness of the parent, whatever else is installed there.

Started by path. It makes the one package `bnparity` importable from where this file lies, and
nothing else of the parent's: the worker's own NumPy and frameworks stay the ones it sees.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _loaded(name: str, file: Path, package: str | None = None) -> ModuleType:
    """Return the module in a file; one that is a package finds its modules in that folder."""
    places = None if package is None else [package]
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this script: its modules are not top-level ones
    here = Path(__file__).resolve()
    # Before anything else is imported: what forks then has no threads, and little to copy.
    _loaded("keeper", here.with_name("keeper.py")).below_keeper(*map(int, sys.argv[1:3]))
    package = here.parents[2]
    _loaded(package.name, package / "__init__.py", str(package))
    from bnparity.backends.worker.serve import main

    main(sys.argv[1:])
