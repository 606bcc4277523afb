"""From the name of a target to the backend itself; it runs where the backend runs."""

import importlib
import importlib.util
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from bnparity.backends.adapters import AFFINES, adapted, is_layer, told
from bnparity.backends.call import OUTPUT_LIKE
from bnparity.backends.errors import UsageError, did_you_mean
from bnparity.backends.formats import FORMATS
from bnparity.backends.instead import named_instead
from bnparity.backends.libraries import Library
from bnparity.backends.masks import mask_taken_by
from bnparity.backends.missing import Missing
from bnparity.backends.optional import takes_statistics_gradients
from bnparity.backends.sources import sources_of
from bnparity.backends.strides import contiguous_only
from bnparity.backends.unimported import why_not_imported

Backend = Callable[..., Mapping[str, Any]]

#: How a backend can promise to sum, the most accurate first; see `bnparity.judging.accumulation`.
Promised: TypeAlias = Literal["wide", "pairwise", "serial"]
ACCUMULATIONS: tuple[Promised, ...] = get_args(Promised)

#: Where the files of installed distributions are.
_LIBRARIES = Library.__module__.rpartition(".")[0]
#: What a probe may tell.
_PROBED = ("version", "device", "reason")
#: The most axes that cases are drawn with; the sizes of more multiply beyond all memory.
_MOST_AXES = 8


def load_target(target: str, variant: str = "") -> Backend:
    """Return the backend that `target` names, in one of its variants; empty is its default.

    A target is ``"package.module:attribute"`` or ``"path/to/file.py:attribute"``; a forward pass
    may have its backward pass behind a ``+``. What follows another signature than the contract's is
    adapted, by what the variant says where it has a ``=``. Raise UsageError if there is no such
    module, attribute or variant, or if it cannot be called.
    """
    place, _, attribute = target.rpartition(":")
    module = _module(target, place)
    named, plus, other = attribute.partition("+")
    backend, rest = _attribute(module, place, named), vars(module)
    if isinstance(backend, Library):
        return _of_library(backend, variant)
    said = told(variant if "=" in variant else "")
    if plus:
        rest = {"": _attribute(module, place, other)}
        said = replace(said, kind=said.kind or "forward-backward")
    if variant and "=" not in variant:
        return _variant(backend, variant)
    return adapted(backend, Path(target).name, said, rest)  # type: ignore[no-any-return]


def missing_here(target: str) -> Missing | None:
    """Return what says that the framework of a built-in target is not installed in this Python.

    Where it is, or anybody's own target is named, None: that is found out where it runs.
    """
    place, _, attribute = target.partition(":")
    if not place.startswith(f"{_LIBRARIES}."):
        return None
    library: Library = getattr(importlib.import_module(place), attribute)
    return library.missing_here()


def _attribute(module: ModuleType, place: str, name: str) -> Any:
    """Return what a module has under a name, if it can be called or is a layer."""
    found = getattr(module, name, None)
    if found is None:
        raise UsageError(f"{place} has no {name!r}: {named_instead(module, name)}")
    if not callable(found) and not is_layer(found) and not isinstance(found, Library):
        kind = type(found).__name__
        raise UsageError(
            f"{place}:{name} is not a function but of type {kind}: name one that can be called"
        )
    return found


def probe(backend: Backend) -> dict[str, str]:
    """Return the backend's ``version`` and ``device``, or the ``reason`` it is unavailable.

    A backend without a probe is available.
    """
    probing = getattr(backend, "probe", None)
    if probing is None:
        return {"version": "", "device": "cpu"}
    return {key: str(value) for key, value in probing().items() if key in _PROBED}


def software() -> str:
    """Return what a backend runs with here, beside its framework."""
    return f"Python {platform.python_version()}, NumPy {np.__version__}"


def capabilities(backend: object) -> dict[str, Any]:
    """Return what the backend says of itself, in plain JSON; defaults where it says nothing."""
    return {
        "dialect": dialect_text(getattr(backend, "dialect", "torch")),
        **_formats(backend),
        "ranks": _listed("ranks", getattr(backend, "ranks", (2, 3, 4, 5)), _rank),
        "outputs": _listed("outputs", getattr(backend, "outputs", OUTPUT_LIKE), _output),
        "degenerate": bool(getattr(backend, "degenerate", False)),
        "momentum_none": bool(getattr(backend, "momentum_none", False)),
        "accumulation": _accumulation(getattr(backend, "accumulation", None)),
        "compiles": _compiles(getattr(backend, "compiles", "")),
        "variants": [str(name) for name in getattr(backend, "variants", {})],
        "has_layers": layer_api_of(backend) is not None,
        "prepares": hasattr(backend, "prepare"),
        "taken_for": _taken_for(backend),
        "affines": [str(name) for name in getattr(backend, "affines", AFFINES)],
        "tracked": [bool(value) for value in getattr(backend, "tracked", (True, False))],
        "fixed": [str(name) for name in getattr(backend, "fixed", ())],
        "channels": int(getattr(backend, "channels", 0)),
        "under_way": bool(getattr(backend, "under_way", False)),
        "takes_mask": mask_taken_by(backend),
        "statistics_gradients": takes_statistics_gradients(backend),
        "resources": _listed(
            "resources", getattr(backend, "resources", ()), _resource, or_none=True
        ),
    }


def _taken_for(backend: object) -> str:
    """Return what a target was taken for, where it is not the contract's function as it is."""
    if contiguous_only(backend):
        return "a function that takes contiguous data: all others are copied first"
    return str(getattr(backend, "taken_for", ""))


def layer_api_of(backend: object) -> Any:
    """Return the `bnparity.backends.layer_api.LayerAPI` behind a backend, None without layers."""
    return getattr(backend, "layer_api", None)


def prepare(backend: Backend, dtype: str) -> None:
    """Get a backend ready for a format of data, if it can be: see the documentation.

    What cannot be prepared for is asked all the same.
    """
    with suppress(Exception):
        getattr(backend, "prepare", lambda _: None)(dtype)


def dialect_text(value: Any) -> str:
    """Return the text of a dialect, however it is stated: see `bnparity.cases.declared`."""
    if isinstance(value, str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        plain = type(value)()
        value = {
            field.name: getattr(value, field.name)
            for field in fields(value)
            if getattr(value, field.name) != getattr(plain, field.name)
        }
    if not isinstance(value, Mapping):
        raise UsageError(
            f"the attribute dialect is {value!r}: give a name, NAME,FIELD=VALUE, a mapping of "
            "conventions, or a Dialect"
        )
    stated = {str(field): text for field, text in value.items() if field != "base"}
    words = [str(value.get("base", "torch"))]
    return ",".join([*words, *(f"{field}={text}" for field, text in stated.items())])


def _listed(
    attribute: str, values: Any, read: Callable[[Any], Any], *, or_none: bool = False
) -> list[Any]:
    """Return what an attribute lists; one value may stand alone."""
    alone = isinstance(values, str) or not hasattr(values, "__iter__")
    try:
        listed = [read(value) for value in ([values] if alone else values)]
    except (ValueError, TypeError) as error:
        raise UsageError(f"the attribute {attribute} is {values!r}: {error}") from error
    if not listed and not or_none:
        raise UsageError(f"the attribute {attribute} is empty: leave it out, or list something")
    return listed


def _formats(backend: object) -> dict[str, list[str]]:
    """Return the formats of data, and those of all arrays where an entry names all three."""
    named = _listed("dtypes", getattr(backend, "dtypes", ("float32",)), _dtype_name)
    formats = _listed("dtypes", getattr(backend, "formats", ()), _dtype_name, or_none=True)
    formats += [name for name in named if "/" in name]
    return {"dtypes": list(dict.fromkeys(n.split("/")[0] for n in named)), "formats": formats}


def _dtype_name(value: Any) -> str:
    name = str(getattr(value, "__name__", value))
    parts = name.split("/")
    if len(parts) not in (1, 3) or (len(parts) > 1 and set(parts) - set(FORMATS)):
        raise ValueError(f"{name} is no format, and no three as data/parameters/statistics")
    return name


def _rank(value: Any) -> int:
    if not 2 <= value <= _MOST_AXES or int(value) != value:
        raise ValueError(f"a rank is an integer from 2 to {_MOST_AXES}")
    return int(value)


def _output(value: Any) -> str:
    if value not in OUTPUT_LIKE:
        raise ValueError(f"an output is one of {', '.join(OUTPUT_LIKE)}")
    return str(value)


def _compiles(value: Any) -> str:
    if value not in ("", "shape"):
        raise UsageError(f'the attribute compiles is {value!r}: give "shape", or leave it out')
    return str(value)


def _resource(value: Any) -> str:
    what, _, number = str(value).partition("=")
    try:
        return f"{what}={float(number):g}"
    except ValueError as error:
        raise ValueError(f"{value!r} is no resource and how many, as GPU=1") from error


def _accumulation(value: Any) -> str | None:
    if value is not None and value not in ACCUMULATIONS:
        known = ", ".join(ACCUMULATIONS)
        raise UsageError(f"the attribute accumulation is {value!r}: choose from {known}")
    return None if value is None else str(value)


def _variant(backend: Backend, variant: str) -> Backend:
    variants: Mapping[str, Any] = getattr(backend, "variants", {})
    if variant not in variants:
        known = ", ".join(variants) or "none"
        hint = did_you_mean(variant, variants)
        raise UsageError(f"{variant!r} is no variant of this backend: it has {known}{hint}")
    found = variants[variant]
    return _of_library(found, variant) if isinstance(found, Library) else found


def _of_library(library: Library, variant: str) -> Backend:
    return library.backend(variant)  # type: ignore[return-value]  # what is missing is not called


def _module(target: str, place: str) -> ModuleType:
    path = Path(place) if place.endswith(".py") else None
    if path is not None and not path.is_file():
        raise UsageError(f"there is no file {str(path)!r}: give the path of the kernel's file")
    try:
        return _module_by_name(target) if path is None else _module_of_file(target, path)
    except (Exception, SystemExit) as error:
        raise UsageError(why_not_imported(error, place, path)) from error


def _module_by_name(target: str) -> ModuleType:
    folder = sources_of(target).folder
    sys.path.append(str(folder))  # last: no file there takes the place of what is installed
    return importlib.import_module(target.rpartition(":")[0])


def _module_of_file(target: str, path: Path) -> ModuleType:
    sources = sources_of(target)
    spec = sources.of_file(path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(sources.folder))  # it may import its neighbours, as a script may
    spec.loader.exec_module(module)
    return module
