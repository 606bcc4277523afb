"""Run by the interpreter of a framework, with the standard library alone: what is installed there.

It reads jobs as JSON from standard input, and writes the answers to the file that it is given, for
frameworks print to standard output what they like.
"""

import contextlib
import importlib
import importlib.metadata
import inspect
import io
import json
import sys
from pathlib import Path
from typing import Any

#: What an example leaves behind for its numbers to be judged.
_KEPT = ("x", "output", "running_mean", "running_var", "inferred")


def answered(job: dict[str, str]) -> dict[str, Any]:
    """Return signature, version, what the example prints and the numbers behind it."""
    found = _found(job["path"])
    seen = {"version": _version(job["path"].partition(".")[0]), "parameters": _parameters(found)}
    return {**seen, **(_run(job["example"]) if job["example"] else {"printed": "", "arrays": {}})}


def _found(path: str) -> Any:
    """Return what a dotted path names, from the longest part of it that is a module."""
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError as error:
            if error.name is None or not path.startswith(error.name) or count == 1:
                raise
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(path)


def _version(package: str) -> str:
    names = importlib.metadata.packages_distributions().get(package, [package])
    return f"{names[0]} {importlib.metadata.version(names[0]).partition('+')[0]}"


def _parameters(found: Any) -> list[tuple[str, str]]:
    """Return name and default of each parameter; nothing for a default that there is none."""
    parameters = inspect.signature(found).parameters.values()
    return [(str(p).partition(":")[0].partition("=")[0], _default(p.default)) for p in parameters]


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return ""
    if value is None or isinstance(value, bool | int | float | str | tuple):
        return repr(value)
    if " " not in str(value):
        return str(value)
    return str(getattr(value, "__name__", type(value).__name__))


def _run(source: str) -> dict[str, Any]:
    """Run an example, and return what it prints and the arrays that it leaves."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(source, "example", "exec"), names)  # noqa: S102  # an example of this package
    arrays = {name: names[name].tolist() for name in _KEPT}
    return {"printed": printed.getvalue(), "arrays": arrays}


def main() -> None:
    """Answer every job; what raises is answered with the exception's line."""
    answers = []
    for job in json.load(sys.stdin):
        try:
            answers.append(answered(job))
        except Exception as error:  # noqa: BLE001  # a framework may raise anything on import
            line = " ".join(f"{type(error).__name__}: {error}".split())
            answers.append({"refused": line})
    Path(sys.argv[1]).write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
