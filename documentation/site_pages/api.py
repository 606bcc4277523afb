"""The page of the Python API: what `import bnparity` shows, each from its docstring."""

import inspect
from importlib import import_module

import bnparity

from site_pages.markdown import page

_FIRST = """
`import bnparity` has these names, and they are typed: `mypy --strict` and pyright read them.
What is not on this page is not for users, and may change without a word.
""".strip()

#: Modules that users import beside it.
_MODULES = ("bnparity.layers.torch_api", "bnparity.layers.mindspore_api", "bnparity.layers.ranks")


def api_page() -> str:
    """Return a directive for each public name, functions before classes, then for the modules."""
    names = [name for name in dir(bnparity) if not name.startswith("__")]
    functions = [name for name in names if not inspect.isclass(getattr(bnparity, name))]
    classes = [name for name in names if name not in functions]
    return page(
        "Python API",
        _FIRST,
        [
            "## Functions",
            *(_directive("autofunction", f"bnparity.{name}") for name in functions),
            "## Classes",
            *(_directive("autoclass", f"bnparity.{name}") for name in classes),
            "## Layers on NumPy's arrays",
            *map(_module, _MODULES),
        ],
    )


def _module(name: str) -> str:
    """Return the classes and functions that a module has itself, under its name."""
    own = [key for key, each in vars(import_module(name)).items() if _is_of(name, key, each)]
    return f"### {name}\n\n{_directive('automodule', name, ', '.join(own))}"


def _is_of(module: str, key: str, each: object) -> bool:
    return not key.startswith("_") and getattr(each, "__module__", "") == module


def _directive(kind: str, name: str, members: str = "") -> str:
    listed = "" if kind == "autofunction" else f"\n   :members: {members}".rstrip()
    return f"```{{eval-rst}}\n.. {kind}:: {name}{listed}\n```"
