"""Modes that are fixed, or that eval() does not change."""

import ast
from collections.abc import Iterator

from bnparity.porting.lint.rule import Hit, Rule
from bnparity.porting.lint.rules.documents import DIFFERENCES, MINDSPORE, TORCH
from bnparity.porting.lint.source import Source

#: Where a layer is told once and for all which statistics normalise, and the value for the batch's.
_FIXED = {"use_batch_statistics": True, "use_running_average": False}


def untracked_in_eval(source: Source) -> Iterator[Hit]:
    """Find a layer without running statistics in a file that calls eval()."""
    infers = any(
        call.func.attr == "eval" or any(source.is_constant(a, False) for a in call.args)
        for call in source.calls_method("eval", "train")
        if isinstance(call.func, ast.Attribute)
    )
    for layer in source.layers if infers else ():
        tracked = layer.arguments.get("track_running_stats")
        if tracked is not None and source.is_constant(tracked, False):
            yield Hit(
                node=tracked,
                message="after eval() the batch's own statistics still normalise: there are no "
                "others",
                remedy="leave track_running_stats out, unless results may depend on the batch",
            )


def fixed_to_batch(source: Source) -> Iterator[Hit]:
    """Find a layer that normalises with the batch's statistics in inference, too."""
    for layer in source.layers:
        for name, value in _FIXED.items():
            argument = layer.arguments.get(name)
            if argument is not None and source.is_constant(argument, value):
                yield Hit(
                    node=argument,
                    message=f"with {name}={value} the batch's statistics normalise in inference, "
                    "too, and the moving ones still move",
                    remedy=f"leave {name} out, and let the mode say it",
                )


def fixed_to_running(source: Source) -> Iterator[Hit]:
    """Find a layer that never trains its statistics, in a file that trains."""
    trains = [c for c in source.calls_method("set_train") if not _is_false(source, c)]
    for layer in source.of("mindspore") if trains else ():
        argument = layer.arguments.get("use_batch_statistics")
        if argument is not None and source.is_constant(argument, False):
            yield Hit(
                node=argument,
                message="with use_batch_statistics=False set_train() changes nothing: the moving "
                "statistics never move",
                remedy="leave use_batch_statistics out, unless the layer is to stay as it is",
            )


def _is_false(source: Source, call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(source.is_constant(argument, False) for argument in given)


RULES = (
    Rule(
        code="BN120",
        sentence="Without running statistics eval() changes nothing",
        document=TORCH,
        check=untracked_in_eval,
    ),
    Rule(
        code="BN121",
        sentence="The batch's statistics normalise in inference, too",
        document=MINDSPORE,
        check=fixed_to_batch,
    ),
    Rule(
        code="BN122",
        sentence="The layer never trains its statistics",
        document=DIFFERENCES,
        check=fixed_to_running,
    ),
)
