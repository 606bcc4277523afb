"""Data of a rank that is refused, and channels on another axis than the layer takes."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from bnparity.porting.lint.flow import fed
from bnparity.porting.lint.rule import Hit, Rule
from bnparity.porting.lint.rules.documents import CALLED, KERAS, MINDSPORE_SYNC, TORCH
from bnparity.porting.lint.source import LayerCall, Source

#: Ranks of the data of MindSpore's SyncBatchNorm.
_SYNC = (2, 4)
#: Orders of axes that put channels last.
_CHANNELS_LAST = ([0, 2, 3, 1], [0, 2, 3, 4, 1])
_SEQUENCES = ("Sequential", "SequentialCell")


def refused_rank(source: Source) -> Iterator[Hit]:
    """Find a BatchNorm behind a convolution whose output it does not take."""
    for layer, before in _neighbours(source):
        rank = _rank_of(source, before, layer.framework)
        taken = _taken(layer)
        if rank and taken and rank not in taken:
            yield Hit(
                node=layer.node,
                message=f"{layer.constructor.kind} of {CALLED[layer.framework]} takes data of "
                f"rank {' or '.join(map(str, taken))}, and the layer before it returns rank {rank}",
                remedy=f"BatchNorm{rank - 2}d takes rank {rank}"
                if layer.constructor.rank
                else "reshape the data to rank 4, and back",
            )


def _taken(layer: LayerCall) -> tuple[int, ...]:
    """Return the ranks that a layer takes, none if any."""
    if layer.framework == "mindspore" and layer.constructor.kind == "SyncBatchNorm":
        return _SYNC
    return (layer.constructor.rank,) if layer.constructor.rank else ()


def _neighbours(source: Source) -> Iterator[tuple[LayerCall, ast.Call]]:
    """Yield each layer with the call that made the layer whose output it takes."""
    yield from _in_sequences(source)
    for call in fed(source):
        if call.before is not None:
            yield call.layer, call.before


def _in_sequences(source: Source) -> Iterator[tuple[LayerCall, ast.Call]]:
    if not source.layers:
        return
    for call in source.every(ast.Call):
        if source.path(call.func).rpartition(".")[2] not in _SEQUENCES:
            continue
        listed = (
            call.args[0].elts if call.args and isinstance(call.args[0], ast.List) else call.args
        )
        for before, after in pairwise(listed):
            layer = source.layer_at.get(after)
            if layer is not None and isinstance(before, ast.Call):
                yield layer, before


def _rank_of(source: Source, made: ast.Call, framework: str) -> int:
    """Return the rank of what a layer returns, 0 if that is not known."""
    path = source.path(made.func)
    match = re.search(r"\.Conv([123])d(Transpose)?$|\.ConvTranspose([123])d$", path)
    if match is None or path.partition(".")[0] != framework:
        return 0
    return int(match[1] or match[3]) + 2


def channels_last(source: Source) -> Iterator[Hit]:
    """Find a layer of PyTorch's that is called with data whose channels were put last."""
    for call in fed(source):
        if call.layer.framework == "torch" and _puts_channels_last(call.data):
            yield Hit(
                node=call.node,
                message="the channels were put on the last axis, and PyTorch's layer takes them "
                "on axis 1",
                remedy="call the layer before permute()",
            )


def _puts_channels_last(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    given = [_literal(argument) for argument in node.args]
    axes = given[0] if len(given) == 1 and isinstance(given[0], list) else given
    if node.func.attr == "permute":
        return axes in _CHANNELS_LAST
    return node.func.attr in ("movedim", "moveaxis") and axes[-2:] == [1, -1]


def _literal(node: ast.expr) -> object:
    """Return a number or a list of them, None for anything else."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return list(value) if isinstance(value, tuple) else value


def axis_left_last(source: Source) -> Iterator[Hit]:
    """Find a layer of Keras's without an axis, in a file whose data have channels first."""
    first = any(
        isinstance(node, ast.Constant) and node.value == "channels_first"
        for call in source.every(ast.Call)
        for node in (*call.args, *(k.value for k in call.keywords))
    )
    for layer in source.of("keras") if first else ():
        if "axis" not in layer.arguments and not layer.open:
            yield Hit(
                node=layer.node,
                message="the data of this file have channels first, and axis is left at -1, the "
                "last",
                remedy="write axis=1",
            )


RULES = (
    Rule(
        code="BN140",
        sentence="The layer refuses data of this rank",
        document=MINDSPORE_SYNC,
        check=refused_rank,
    ),
    Rule(
        code="BN150",
        sentence="The channels are last, and the layer takes them on axis 1",
        document=TORCH,
        check=channels_last,
    ),
    Rule(
        code="BN151",
        sentence="The channels are first, and the layer takes them last",
        document=KERAS,
        check=axis_left_last,
    ),
)
