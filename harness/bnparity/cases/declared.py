"""What is known of a framework beside its conventions: its defaults, its modes, what it refuses."""

from dataclasses import dataclass
from typing import Literal

from bnparity_reference import Dialect

from bnparity.cases.case import Affine

#: Rows of a mode table: training or not, running statistics or not.
ALL_MODES = ((True, True), (False, True), (True, False), (False, False))
TRACKED = ((True, True), (False, True))


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A framework's conventions, and the defaults of its layers; left out is what most have.

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
    title
        The framework as its users call it.
    versions
        Those that all this was checked against.
    checked
        How: ``"run"`` on a CPU, or ``"source"`` or ``"documentation"`` read.
    checked_on
        The day on which it was, as ``YYYY-MM-DD``.
    notes
        What it refuses, ranges of arguments and other facts, a sentence each.
    """

    dialect: Dialect
    default_momentum: float
    default_eps: float = 1e-5
    starts_in: Literal["training", "inference"] = "training"
    modes: tuple[tuple[bool, bool], ...] = TRACKED
    affines: tuple[Affine, ...] = ("both", "none")
    zero_eps: tuple[tuple[bool, bool], ...] = TRACKED
    title: str
    versions: str
    checked: Literal["run", "source", "documentation"]
    checked_on: str
    notes: tuple[str, ...] = ()
