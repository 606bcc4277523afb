"""A constructor call as source code: read by `ast`, never run, and written again."""

import ast
import warnings
from typing import Any

from bnparity.backends import UsageError
from bnparity.porting.translation.layer import Layer
from bnparity.porting.translation.signatures import Api, other, signature
from bnparity.porting.translation.values import Expression, checked

_EXAMPLE = "write one call like torch.nn.BatchNorm2d(64, momentum=0.2)"

#: Names under which code imports the frameworks.
_ROOTS: dict[str, Api] = {"torch": "torch", "mindspore": "mindspore", "ms": "mindspore"}

#: torch's other names for dtypes.
_DTYPES = {"half": "float16", "float": "float32", "double": "float64"}


def parse_call(text: str, to: Api) -> tuple[str, Layer]:
    """Read a constructor's call; where it does not name its API, that is the one not `to`.

    The number of channels is carried over as it is written, a name like ``planes`` included.

    Returns
    -------
    prefix, layer
        What stands before the layer's name, ``"torch.nn."`` or ``"mindspore.nn."``, or as short as
        ``"nn."`` or ``""`` if the framework is left to the imports; and the layer.

    Raises
    ------
    UsageError
        If it is not one call of a BatchNorm constructor with arguments that it takes.
    """
    call = _parsed(text)
    api, prefix, kind = _callee(call.func, other(to))
    if any(isinstance(a, ast.Starred) for a in call.args) or not all(k.arg for k in call.keywords):
        raise UsageError(f"{_shown(text)}: write out what stands for * and **")
    arguments = {name: _value(name, node) for name, node in _named(call, api, kind)}
    if "num_features" in arguments:
        size = checked("num_features", arguments["num_features"])
        arguments["num_features"] = Expression(str(size))
    return prefix, Layer(api=api, kind=kind, arguments=arguments)


def write_call(prefix: str, layer: Layer) -> str:
    """Return the constructor's call as source, then losses and notes as comments, a line each.

    What equals its default is left out.
    """
    given = {n: f"{layer.api}.{v}" if n == "dtype" else repr(v) for n, v in layer.arguments.items()}
    size = given.pop("num_features")
    written = ", ".join([size, *(f"{name}={value}" for name, value in given.items())])
    comments = [f"# lost: {loss}" for loss in layer.losses]
    comments += [f"# note: {note}" for note in layer.notes]
    return "\n".join([f"{prefix}{layer.kind}({written})", *comments])


def _parsed(text: str) -> ast.Call:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what code is warned of is no matter of ours
            body = ast.parse(text.strip(), mode="eval").body
            ast.unparse(body)  # what is nested too deeply to be written fails here
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise UsageError(
            f"{_shown(text)} is not an expression of Python ({reason}): {_EXAMPLE}"
        ) from None
    if not isinstance(body, ast.Call):
        raise UsageError(f"{_shown(text)} is not a call: {_EXAMPLE}")
    return body


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:76]} ...")


def _callee(function: ast.expr, default: Api) -> tuple[Api, str, str]:
    """Return the API, the prefix and the name of the layer that is called."""
    name = ast.unparse(function)
    root, _, rest = name.partition(".")
    if root in _ROOTS and rest.startswith("nn."):
        return _ROOTS[root], f"{_ROOTS[root]}.nn.", rest.removeprefix("nn.")
    prefix = "nn." if root == "nn" else ""
    return default, prefix, name.removeprefix(prefix)


def _named(call: ast.Call, api: Api, kind: str) -> list[tuple[str, ast.expr]]:
    """Return each argument of `call` with the name of its parameter."""
    parameters = signature(api, kind).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(call.args) > len(positional):
        raise UsageError(
            f"{ast.unparse(call.args[len(positional)])}: one argument too many, "
            f"{api}.nn.{kind} takes {len(positional)} by position"
        )
    named = list(zip(positional, call.args, strict=False))
    named += [(str(keyword.arg), keyword.value) for keyword in call.keywords]
    for index, (name, value) in enumerate(named):
        if name in dict(named[:index]):
            raise UsageError(f"{name}={ast.unparse(value)}: {name} is given twice")
    return named


def _value(name: str, node: ast.expr) -> Any:
    """Return the value of a literal or of a dtype; other code stays an `Expression`."""
    text = ast.unparse(node)
    if name == "dtype" and isinstance(node, ast.Attribute):
        known = text.partition(".")[0] in (*_ROOTS, "mstype")
        return _DTYPES.get(node.attr, node.attr) if known else Expression(text)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return Expression(text)
