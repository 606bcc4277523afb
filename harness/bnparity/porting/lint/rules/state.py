"""State that gets lost, or that goes to a place of another meaning."""

import ast
from collections.abc import Iterator, Mapping

from bnparity.porting.lint.rule import Hit, Rule
from bnparity.porting.lint.rules.documents import DIFFERENCES, SAVING
from bnparity.porting.lint.source import Source

#: What a name of state stands for, and how certain that is without a partner that says so.
_MEANING: Mapping[str, str] = {
    **dict.fromkeys(("running_mean", "moving_mean", "mean"), "the mean"),
    **dict.fromkeys(
        ("running_var", "moving_variance", "moving_var", "variance", "var"), "the variance"
    ),
    **dict.fromkeys(("gamma",), "the scale"),
    **dict.fromkeys(("beta",), "the shift"),
}
#: What gamma and beta can be mapped to, of which other layers have some, too.
_PARAMETERS: Mapping[str, str] = {"weight": "the scale", "bias": "the shift"}
_STATISTICS = ("running_mean", "running_var", "running_", "moving_mean", "moving_var", "moving_")
#: Calls that return the values of what they are given, by their last name.
_CONVERSIONS = (
    *("Parameter", "Tensor", "Variable", "array", "as_tensor", "asarray", "ascontiguousarray"),
    *("convert_to_tensor", "copy", "deepcopy", "device_put", "from_numpy", "reshape", "squeeze"),
    *("tensor", "to_tensor"),
)
_SAVES = ("torch.save", "safetensors.torch.save_file", "pickle.dump")


def swapped(source: Source) -> Iterator[Hit]:
    """Find a name of state that is mapped or assigned to one of another meaning."""
    for node, one, other in _mapped(source):
        meant, given = _meaning(one, other), _meaning(other, one)
        if meant and given and meant != given:
            yield Hit(
                node=node,
                message=f"{_last(one)} is {meant}, and {_last(other)} is {given}",
                remedy="map running_mean to moving_mean, running_var to moving_variance, weight "
                "to gamma, bias to beta",
            )


def _meaning(name: str, partner: str) -> str:
    """Return what a name stands for; weight and bias count where gamma or beta is the partner."""
    last = _last(name)
    if last in _PARAMETERS:
        return _PARAMETERS[last] if _last(partner) in ("gamma", "beta") else ""
    return _MEANING.get(last, "")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _mapped(source: Source) -> Iterator[tuple[ast.AST, str, str]]:
    """Yield pairs of names, one of which takes the place or the value of the other."""
    for made in source.every(ast.Dict):
        for key, value in zip(made.keys, made.values, strict=True):
            if key is not None:
                yield value, _text(key), _text(value)
    for call in source.calls_method("replace"):
        if len(call.args) == 2:
            yield call, _text(call.args[0]), _text(call.args[1])
    for call in source.calls_method("copy_"):
        if isinstance(call.func, ast.Attribute) and call.args:
            yield call, _named(call.func.value), _named(call.args[0])
    for assigned in source.every(ast.Assign):
        if not isinstance(assigned.targets[0], ast.Name):
            yield assigned, _named(assigned.targets[0]), _named(assigned.value)
    yield from _arguments(source)


def _arguments(source: Source) -> Iterator[tuple[ast.AST, str, str]]:
    """Yield the statistics that a function is given, with their parameters."""
    for layer in source.layers:
        for name, value in layer.arguments.items():
            if name in ("running_mean", "running_var"):
                yield value, name, _named(value)


def _text(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else ""


def _named(node: ast.expr) -> str:
    """Return the last name of an expression: of an attribute, a key, or what is made of these."""
    while True:
        if isinstance(node, ast.Attribute):
            if node.attr != "data":
                return node.attr
            node = node.value
        elif isinstance(node, ast.Subscript):
            return _text(node.slice)
        elif isinstance(node, ast.Call) and node.args and _converts(node.func):
            node = node.args[0]
        elif isinstance(node, ast.Name):
            return node.id
        else:
            return ""


def _converts(function: ast.expr) -> bool:
    """Return whether a call keeps the values, as that of ``zeros_like`` does not."""
    if isinstance(function, ast.Attribute):
        return function.attr in _CONVERSIONS
    return isinstance(function, ast.Name) and function.id in _CONVERSIONS


def lost(source: Source) -> Iterator[Hit]:
    """Find state that is saved or kept without running statistics."""
    for call in source.every(ast.Call):
        if source.path(call.func) in _SAVES and call.args and _only_parameters(call.args[0]):
            yield Hit(
                node=call,
                message="parameters have no running statistics, which are lost here",
                remedy="save state_dict()",
            )
    for condition in _filters(source):
        yield Hit(
            node=condition,
            message="the running statistics are left out here, and inference needs them",
            remedy="keep running_mean and running_var",
        )


def _only_parameters(node: ast.expr) -> bool:
    methods = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return bool(methods & {"parameters", "named_parameters"}) and "buffers" not in str(methods)


def _filters(source: Source) -> Iterator[ast.expr]:
    """Yield the conditions of comprehensions over a state that leave statistics out."""
    for made in source.every(ast.DictComp):
        for generator in made.generators:
            for condition in generator.ifs:
                if any(_leaves_out(node) for node in ast.walk(condition)):
                    yield condition


def _leaves_out(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.NotIn):
        return False
    return _text(node.left) in _STATISTICS


RULES = (
    Rule(
        code="BN160",
        sentence="A name of state is mapped to one of another meaning",
        document=DIFFERENCES,
        check=swapped,
    ),
    Rule(
        code="BN161",
        sentence="The running statistics get lost",
        document=SAVING,
        check=lost,
    ),
)
