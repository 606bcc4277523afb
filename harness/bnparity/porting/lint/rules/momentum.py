"""Momentum in the meaning of another framework, or of no use."""

import ast
from collections.abc import Iterator

from bnparity.porting.lint.rule import Hit, Rule
from bnparity.porting.lint.rules.documents import CALLED, DIFFERENCES, MINDSPORE, TORCH
from bnparity.porting.lint.rules.edits import replaced
from bnparity.porting.lint.source import LayerCall, Source
from bnparity.porting.translation.rules import complement

#: Momenta that frameworks have as a default, as the other meaning has them: surely not meant.
_DEFAULTS_OF_OLD = (0.9, 0.99, 0.999)
_DEFAULTS_OF_NEW = (0.1, 0.01, 0.001)
#: Arguments with which no statistics move.
_STILL = (("running_mean", None), ("track_running_stats", False), ("training", False))


def _given(source: Source, meaning: str) -> Iterator[tuple[LayerCall, ast.expr, float]]:
    """Yield layers of frameworks whose momentum has this meaning, with a momentum from 0 to 1.

    Where no running statistics are to move the momentum is of no use, and says nothing.
    """
    for layer in source.layers:
        if any(source.is_constant(layer.arguments.get(name), value) for name, value in _STILL):
            continue
        argument, value = layer.momentum, source.number(layer.momentum)
        meant = layer.constructor.declared.dialect.momentum
        if meant == meaning and argument is not None and value is not None and 0 <= value <= 1:
            yield layer, argument, value


def _hit(argument: ast.expr, value: float, message: str, defaults: tuple[float, ...]) -> Hit:
    other = complement(value)
    written = f"{1 - value:g}" if other is None else repr(other)
    sure = value in defaults and isinstance(argument, ast.Constant)
    return Hit(
        node=argument,
        message=message,
        remedy=f"if {value:g} was written for the other meaning, write {written}",
        edit=replaced(argument, written) if sure else None,
    )


def share_of_old(source: Source) -> Iterator[Hit]:
    """Find a momentum that says how much of the old statistics stays, where it is the batch's."""
    for layer, argument, value in _given(source, "new"):
        if 0.5 < value < 1:
            message = (
                f"in {CALLED[layer.framework]} a momentum of {value:g} replaces {value:.4g} of the "
                f"running statistics at each batch"
            )
            yield _hit(argument, value, message, _DEFAULTS_OF_OLD)


def share_of_batch(source: Source) -> Iterator[Hit]:
    """Find a momentum that says how much of the batch counts, where it is the old's share."""
    for layer, argument, value in _given(source, "old"):
        if 0 < value < 0.5:
            message = (
                f"in {CALLED[layer.framework]} a momentum of {value:g} keeps only {value:.4g} of "
                f"the running statistics at each batch"
            )
            yield _hit(argument, value, message, _DEFAULTS_OF_NEW)


def never_moves(source: Source) -> Iterator[Hit]:
    """Find a momentum with which running statistics stay as they are."""
    for meaning, still in (("new", 0.0), ("old", 1.0)):
        for layer, argument, value in _given(source, meaning):
            if value == still:
                average = "None" if layer.framework == "torch" else "no value"
                yield Hit(
                    node=argument,
                    message=f"with a momentum of {value:g} the running statistics never move",
                    remedy=f"the average over all batches is {average}; a share lies between "
                    "0 and 1",
                )


def none_refused(source: Source) -> Iterator[Hit]:
    """Find ``momentum=None`` where it is no average over all batches."""
    for layer in source.layers:
        declared, argument = layer.constructor.declared, layer.momentum
        if argument is None or not source.is_constant(argument, None):
            continue
        if declared.dialect.momentum_none == "refused" and layer.framework != "torch":
            yield Hit(
                node=argument,
                message=f"{CALLED[layer.framework]} has no average over all batches, "
                "which momentum=None is in PyTorch",
                remedy=f"write a number; the default is {declared.default_momentum:g}",
            )


RULES = (
    Rule(
        code="BN101",
        sentence="The momentum is the share of the batch here, and looks like that of the old",
        document=TORCH,
        check=share_of_old,
    ),
    Rule(
        code="BN102",
        sentence="The momentum is the share of the old here, and looks like that of the batch",
        document=MINDSPORE,
        check=share_of_batch,
    ),
    Rule(
        code="BN103",
        sentence="With this momentum the running statistics never move",
        document=TORCH,
        check=never_moves,
    ),
    Rule(
        code="BN104",
        sentence="There is no average over all batches here",
        document=DIFFERENCES,
        check=none_refused,
    ),
)
