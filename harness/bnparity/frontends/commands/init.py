"""`bnparity init`: the first test of somebody's own, written for what a file has.

The file is read and never imported.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

from typer import Argument

from bnparity.backends import ARGUMENTS, UsageError
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.options import File, file_named
from bnparity.frontends.commands.parsing import writable
from bnparity.results import write

_Definition: TypeAlias = ast.FunctionDef | ast.ClassDef

#: What the methods are called by which layers compute.
_FORWARD = {"forward", "construct", "call", "__call__"}

_HEAD = '''"""Does {file} compute what BatchNorm is to compute? Run it with pytest."""

from pathlib import Path

import bnparity

#: The file under test; a backend that is named has a process of its own.
FILE = Path(__file__).with_name("{file}")
'''

_TEST = '''

def test_{lower}() -> None:
    """{told}"""
    # examples: more find more. dialect="mindspore" judges by other conventions, and
    # fail_on=["loose"] accepts accurate results alone.
    bnparity.assert_parity(f"{{FILE}}:{name}", examples=200)
'''

_ADAPTER = """

# {name}({parameters}) does not take what BatchNorm is given. An adapter does, and calls it:
# put this into {file}, fill it in, and take the comment signs away.
#
# def {name}_adapter(
#     x, weight, bias, running_mean, running_var, *, training, momentum, eps, grad_output=None
# ):
#     y = {name}(x, ...)
#     return {{"output": y}}  # and what there is of running_mean, running_var, grad_input, ...
#
# {name}_adapter.outputs = ("output",)  # what it returns; the rest is not judged
#
# def test_{lower}():
#     bnparity.assert_parity(f"{{FILE}}:{name}_adapter", examples=200)
"""


def init(
    file: Annotated[Path, Argument(help="The Python file of a kernel or a layer.")],
    *,
    out: Annotated[
        File, file_named("--out", "The test to write; test_NAME_parity.py beside the file if none.")
    ] = None,
) -> int:
    """Write a test for the BatchNorm in a file, with an adapter where it needs one."""
    found = [d for d in _definitions(file) if isinstance(d, ast.ClassDef) or _is_norm(d)]
    if not found:
        raise UsageError(
            f"{str(file)!r} has nothing that looks like a BatchNorm: name a function or a class "
            f"of it after the norm"
        )
    test = out or file.with_name(f"test_{file.stem}_parity.py")
    if test.exists():
        raise UsageError(f"{str(test)!r} is there already: give another path with --out")
    writable(test)
    write(test, _HEAD.format(file=file.name) + "".join(_part(file, each) for each in found))
    print(f"{test}: {', '.join(each.name for each in found)}; run it with pytest {test}")
    return ACCEPTABLE


def _definitions(file: Path) -> Iterator[_Definition]:
    """Yield the public functions, and the classes that can be called, of a file."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{str(file)!r} cannot be read ({error.strerror}): give a .py file"
        ) from error
    except (ValueError, SyntaxError, RecursionError) as error:
        told = " ".join(str(error).split())[:100]
        raise UsageError(f"{str(file)!r} is no Python ({told}): give a .py file") from error
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith(("_", "test")):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _is_layer(node):
            yield node


def _is_layer(node: ast.ClassDef) -> bool:
    methods = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return bool(methods & _FORWARD)


def _is_norm(node: ast.FunctionDef) -> bool:
    """Return whether a function is called like a norm, or takes what one is given."""
    name = node.name.lower()
    return "norm" in name or "bn" in name.split("_") or _follows_contract(node)


def _follows_contract(node: ast.FunctionDef) -> bool:
    taken = node.args
    positional = [a.arg for a in (*taken.posonlyargs, *taken.args)][: len(ARGUMENTS) - 1]
    named = {a.arg for a in (*taken.args, *taken.kwonlyargs)}
    settings = taken.kwarg is not None or {"training", "momentum", "eps", "grad_output"} <= named
    return settings and (taken.vararg is not None or positional == [*ARGUMENTS[:-1]])


def _part(file: Path, node: _Definition) -> str:
    """Return the test of a function or a class, or the adapter that it needs."""
    words = {"file": file.name, "name": node.name, "lower": node.name.lower()}
    if isinstance(node, ast.ClassDef):
        return _TEST.format(**words, told="The layer, as it is, follows its dialect.")
    if _follows_contract(node):
        return _TEST.format(**words, told="The function follows its dialect, accurately.")
    return _ADAPTER.format(**words, parameters=ast.unparse(node.args))
