"""From the name of a target to the backend itself; it runs where the backend runs."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bnparity.call import OUTPUT_LIKE
from bnparity.mistakes import Mistake, did_you_mean

Backend = Callable[..., Mapping[str, Any]]


def load_target(target: str, variant: str = "") -> Backend:
    """Return the backend that `target` names.

    Parameters
    ----------
    target
        ``"package.module:attribute"`` or ``"path/to/file.py:attribute"``.
    variant
        One of the backend's variants; empty for its default.

    Raises
    ------
    Mistake
        If there is no such module, attribute or variant, or if it cannot be called.
    """
    place, _, attribute = target.rpartition(":")
    module = _module_of_file(Path(place)) if place.endswith(".py") else _module(place)
    backend = getattr(module, attribute, None)
    if backend is None:
        hint = did_you_mean(attribute, [name for name in vars(module) if not name.startswith("_")])
        raise Mistake(f"{place} has no {attribute!r}: name a function of it{hint}")
    if not callable(backend):
        kind = type(backend).__name__
        raise Mistake(f"{target} is not a function but of type {kind}: name one that can be called")
    return _variant(backend, target, variant) if variant else backend


def probe(backend: Backend) -> dict[str, str]:
    """Return the backend's ``version`` and ``device``, or the ``reason`` it is unavailable.

    A backend without a probe is available.
    """
    probing = getattr(backend, "probe", None)
    if probing is None:
        return {"version": "", "device": "cpu"}
    return {key: str(value) for key, value in probing().items()}


def capabilities(backend: Backend) -> dict[str, Any]:
    """Return what the backend says of itself, in plain JSON; defaults where it says nothing."""
    return {
        "dialect": getattr(backend, "dialect", "torch"),
        "dtypes": list(getattr(backend, "dtypes", ("float32",))),
        "ranks": list(getattr(backend, "ranks", (2, 3, 4, 5))),
        "outputs": list(getattr(backend, "outputs", OUTPUT_LIKE)),
        "degenerate": bool(getattr(backend, "degenerate", False)),
    }


def _variant(backend: Backend, target: str, variant: str) -> Backend:
    variants: Mapping[str, Backend] = getattr(backend, "variants", {})
    if variant not in variants:
        known = ", ".join(variants) or "none"
        raise Mistake(f"{variant!r} is not a variant of {target}: it has {known}")
    return variants[variant]


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Mistake(_not_imported(name, error)) from error


def _module_of_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise Mistake(f"there is no file {str(path)!r}: give the path of the kernel's file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))  # it may import its neighbours, as a script may
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Mistake(_not_imported(str(path), error)) from error
    return module


def _not_imported(name: str, error: Exception) -> str:
    return f"{name} cannot be imported: {type(error).__name__}: {error}".splitlines()[0]
