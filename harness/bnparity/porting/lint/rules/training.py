"""Training loops that train in the wrong mode, and layers that are frozen by half."""

import ast
from collections.abc import Iterator

from bnparity.porting.constructors import constructor_at
from bnparity.porting.lint.rule import Hit, Rule
from bnparity.porting.lint.rules.documents import MINDSPORE_CELL, TORCH
from bnparity.porting.lint.source import Source

#: What takes gradients in a training step of MindSpore's that is written by hand.
_GRADIENTS = (
    "mindspore.value_and_grad",
    "mindspore.grad",
    "mindspore.ops.value_and_grad",
    "mindspore.ops.grad",
    "mindspore.ops.GradOperation",
)
_OPTIMIZER = ("trainable_params", "parameters_and_names")


def never_set_to_train(source: Source) -> Iterator[Hit]:
    """Find a training loop of MindSpore's without set_train()."""
    loops = [*source.every(ast.For), *source.every(ast.While)]
    if not loops or any(source.calls_method("set_train")):
        return
    if not source.layers and not any(source.calls_method(*_OPTIMIZER)):
        return
    for call in source.every(ast.Call):
        if source.path(call.func) in _GRADIENTS:
            yield Hit(
                node=call.func,
                message="nothing in this file calls set_train(), and a new network of MindSpore's "
                "infers: BatchNorm then uses moving statistics and never moves them",
                remedy="call net.set_train() before the loop",
            )


def trains_after_eval(source: Source) -> Iterator[Hit]:
    """Find a loop that calls eval() and backward(), with no train() in the file."""
    if not _imports_torch(source) or any(source.calls_method("train", "set_train")):
        return
    for loop in source.every(ast.For):
        methods = {
            node.func.attr: node
            for node in ast.walk(loop)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        if "eval" in methods and "backward" in methods and not methods["eval"].args:
            yield Hit(
                node=methods["eval"],
                message="the loop goes on training after eval(), and nothing in this file calls "
                "train(): BatchNorm no longer moves its running statistics",
                remedy="call train() before the next batch",
            )


def frozen_by_half(source: Source) -> Iterator[Hit]:
    """Find a BatchNorm whose weight and bias are frozen and whose statistics are not."""
    for branch in source.every(ast.If):
        if not _asks_for_batchnorm(source, branch.test):
            continue
        nodes = [node for statement in branch.body for node in ast.walk(statement)]
        frozen = next((node for node in nodes if _freezes(node)), None)
        if frozen is not None and not any(_stops_statistics(node) for node in nodes):
            yield Hit(
                node=frozen,
                message="requires_grad stops weight and bias alone: in training mode the running "
                "statistics still move",
                remedy="call eval() on the layer, too, and again after each train()",
            )


def _imports_torch(source: Source) -> bool:
    roots = [alias.name for node in source.every(ast.Import) for alias in node.names]
    roots += [node.module or "" for node in source.every(ast.ImportFrom)]
    return any(root.partition(".")[0] == "torch" for root in roots)


def _asks_for_batchnorm(source: Source, test: ast.expr) -> bool:
    """Return whether a condition is that something is a BatchNorm of PyTorch's."""
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Name)):
        return False
    if test.func.id != "isinstance" or len(test.args) != 2:
        return False
    kinds = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
    paths = [source.path(kind) for kind in kinds]
    found = [constructor_at(path) for path in paths]
    base = "torch.nn.modules.batchnorm._BatchNorm"
    return base in paths or any(f is not None and f.framework == "torch" for f in found)


def _freezes(node: ast.AST) -> bool:
    """Return whether a node sets ``requires_grad`` to False."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        off = [a for a in node.args if isinstance(a, ast.Constant) and a.value is False]
        return node.func.attr == "requires_grad_" and bool(off)
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
        return False
    off_value = isinstance(node.value, ast.Constant) and node.value.value is False
    return node.targets[0].attr == "requires_grad" and off_value


def _stops_statistics(node: ast.AST) -> bool:
    """Return whether a node may stop the statistics: a mode, or an attribute of the layer."""
    named = isinstance(node, ast.Attribute) and node.attr
    return named in ("eval", "train", "training", "track_running_stats", "momentum")


RULES = (
    Rule(
        code="BN130",
        sentence="A training loop of MindSpore's without set_train() trains in inference mode",
        document=MINDSPORE_CELL,
        check=never_set_to_train,
    ),
    Rule(
        code="BN131",
        sentence="The loop goes on training in inference mode",
        document=TORCH,
        check=trains_after_eval,
    ),
    Rule(
        code="BN132",
        sentence="Weight and bias are frozen, and the running statistics are not",
        document=TORCH,
        check=frozen_by_half,
    ),
)
