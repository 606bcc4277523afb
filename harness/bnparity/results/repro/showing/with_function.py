"""The lines of a script that calls a plain function, of a package or of the file it is given."""

from collections.abc import Iterator

from bnparity.backends import OPTIONAL, OUTPUT_LIKE
from bnparity.results.repro.showing.shown import STATE, Shown, imports, numpy_text, told, values


def lines_of_function(shown: Shown) -> Iterator[str]:
    """Yield the lines: the function is imported and called. Names are literals, never code."""
    case, name, given = shown.case_result.case, shown.accused.name, shown.arrays
    modules = ("import importlib", "import sys", "from pathlib import Path", "import numpy as np")
    kept = modules if name.is_file else ("import importlib", "import numpy as np")
    if shown.accused.adapted:
        kept = (*kept[1:], "from bnparity.backends import load_target")
    yield from imports(shown, kept, "named")
    yield from _adapted(shown) if shown.accused.adapted else _function(shown)
    if name.variant and not shown.accused.adapted:
        yield f"function = function.variants[{name.variant!r}]"
    if case.threads is not None:
        yield 'if hasattr(function, "set_threads"):'
        yield f"    function.set_threads({case.threads})"
    yield from values(shown, numpy_text, "named({})")
    yield "returned = function("
    yield f"    {', '.join(n if n in given else 'None' for n in ('x', *STATE))},"
    yield f"    training={case.training}, momentum={case.momentum!r}, eps={case.eps!r},"
    yield f"    grad_output={'grad_output' if 'grad_output' in given else 'None'},"
    yield from (f"    {name}={name}," for name in OPTIONAL if name in given)
    yield ")"
    yield from told(shown, {name: f'returned["{name}"]' for name in OUTPUT_LIKE}, "returned")


def _adapted(shown: Shown) -> Iterator[str]:
    """Yield the lines that have bnparity make a function of a layer."""
    place, _, attribute = shown.accused.target.rpartition(":")
    target = repr(f"{place}:{attribute}")
    if shown.accused.name.is_file:
        yield from _asking_for(place)
        target = f'f"{{sys.argv[1]}}:" + {attribute!r}'
    yield f"function = load_target({target}, {shown.accused.name.variant!r})"


def _asking_for(place: str) -> Iterator[str]:
    usage = f"say where the function is: python show.py path/to/{place}"
    yield "if len(sys.argv) < 2:"
    yield f"    sys.exit({usage!r})"


def _function(shown: Shown) -> Iterator[str]:
    place, _, attribute = shown.accused.target.rpartition(":")
    if not shown.accused.name.is_file:
        yield f"function = getattr(importlib.import_module({place!r}), {attribute!r})"
        return
    yield from _asking_for(place)
    yield "path = Path(sys.argv[1]).resolve()"
    yield "sys.path.insert(0, str(path.parent))"
    yield f"function = getattr(importlib.import_module(path.stem), {attribute!r})"
