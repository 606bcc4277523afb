"""The table of dialects: what each framework says BatchNorm is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bnparity_reference import Dialect

from bnparity.backends import UsageError, did_you_mean
from bnparity.cases.case import Affine


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A framework's conventions, and the defaults of its layers.

    Parameters
    ----------
    dialect
        The conventions, as the oracle takes them.
    default_eps, default_momentum
        What a layer made without arguments uses, in the framework's own convention.
    starts_in
        The mode of a fresh layer, ``"training"`` or ``"inference"``.
    modes
        The rows of its mode table: training or not, running statistics or not.
    affines
        The sets of affine parameters it can have.
    zero_eps
        The rows of the mode table in which eps may be 0.
    """

    dialect: Dialect
    default_eps: float
    default_momentum: float
    starts_in: Literal["training", "inference"]
    modes: tuple[tuple[bool, bool], ...]
    affines: tuple[Affine, ...]
    zero_eps: tuple[tuple[bool, bool], ...]


#: Frameworks by name. Sources: the installed packages, checked by the parity suites.
DIALECTS: Mapping[str, Declaration] = {
    "torch": Declaration(
        dialect=Dialect(),
        default_eps=1e-5,
        default_momentum=0.1,
        starts_in="training",
        modes=((True, True), (False, True), (True, False), (False, False)),
        affines=("both", "none", "weight", "bias"),
        zero_eps=((False, True),),
    ),
    "mindspore": Declaration(
        dialect=Dialect(
            momentum="old",
            momentum_none="refused",
            empty_batch="computed",
            single_value="computed",
        ),
        default_eps=1e-5,
        default_momentum=0.9,
        starts_in="inference",
        modes=((True, True), (False, True)),
        affines=("both", "none"),
        zero_eps=(),
    ),
}


def momentum_of_batch_alone(dialect: Dialect) -> float:
    """Return the momentum that leaves nothing of the old running statistics."""
    return 1.0 if dialect.momentum == "new" else 0.0


def declaration(name: str) -> Declaration:
    """Return the declaration called `name`.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in DIALECTS:
        known, hint = ", ".join(DIALECTS), did_you_mean(name, DIALECTS)
        raise UsageError(f"{name!r} is not a dialect bnparity knows: choose from {known}{hint}")
    return DIALECTS[name]
