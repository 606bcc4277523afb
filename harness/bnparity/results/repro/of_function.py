"""Part of the ``repro.py`` of a finding in a function: of somebody's file, or of a package."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bnparity.backends import Array, read_only


def opened(finding: Mapping[str, Any]) -> tuple[Callable[..., Any], str]:
    """Return the call, told how many threads to use, and where the function comes from."""
    place, _, attribute = finding["target"].rpartition(":")
    if place.endswith(".py"):
        place = sys.argv[1] if len(sys.argv) > 1 else place
        module = of_file(Path(place))
    else:
        module = importlib.import_module(place)
    function = getattr(module, attribute)
    if finding["variant"]:
        function = function.variants[finding["variant"]]
    if finding["threads"] is not None and hasattr(function, "set_threads"):
        function.set_threads(finding["threads"])
    return as_asked(function, finding), f"{attribute} of {place}"


def as_asked(function: Callable[..., Any], finding: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the function with arrays in the layout it takes, and the state it returned before."""
    layouts = getattr(function, "layouts", ())
    contiguous = tuple([layouts] if isinstance(layouts, str) else layouts) == ("contiguous",)
    takes_state = "state" in own_parameters(function)
    kept: list[Any] = [None]

    # As the harness gives them, unless what is shown is that the function writes to them.
    writable = finding["writes"] or not getattr(function, "read_only", True)

    def taken(array: Array | None) -> Array | None:
        given = named(array)
        if contiguous and given is not None:
            given = np.ascontiguousarray(given)
        return given if writable else read_only(given)

    def call(*arrays: Array | None, grad_output: Array | None, **settings: Any) -> Any:
        if takes_state:
            settings["state"] = kept[-1]
        for name in ("mask", "grad_running_mean", "grad_running_var"):
            if name in settings:
                settings[name] = taken(settings[name])
        returned = function(*map(taken, arrays), grad_output=taken(grad_output), **settings)
        kept.append(returned.get("state") if takes_state else None)
        return returned

    return call


def own_parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the parameters of a function written in Python."""
    code = getattr(function, "__code__", None)
    return () if code is None else code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def of_file(path: Path) -> ModuleType:
    """Return the module in the file at `path`, which may import its neighbours."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f"there is no such file: give the path, {sys.argv[0]} path/to/file.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.absolute().parent))
    spec.loader.exec_module(module)
    return module


def named(array: Array | None) -> Array | None:
    """Return the array that the function takes: a bfloat16 one for the bits of one."""
    if array is None or array.dtype != np.uint16:
        return array
    import ml_dtypes

    bfloat16: Array = array.view(ml_dtypes.bfloat16)
    return bfloat16
