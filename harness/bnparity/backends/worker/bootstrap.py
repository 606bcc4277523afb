"""What a worker's interpreter runs: the harness of the parent, whatever else is installed there.

Started by path. It makes the one package `bnparity` importable from where this file lies, and
nothing else of the parent's: the worker's own NumPy and frameworks stay the ones it sees.
"""

import importlib.util
import sys
from pathlib import Path


def _make_importable(package: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        package.name, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{package} is not a package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[package.name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this script: its modules are not top-level ones
    _make_importable(Path(__file__).resolve().parents[2])
    from bnparity.backends.worker.serve import main

    main(sys.argv[1:])
