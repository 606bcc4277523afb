"""The BatchNorm on one side of a page: a class that can be imported, or a row of the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bnparity.backends import UsageError, did_you_mean
from bnparity.cases import FRAMEWORKS, Declaration
from bnparity.porting.constructors import CONSTRUCTORS, Constructor, constructor_at

#: The class that the name of a framework stands for, where it has several.
_STANDS_FOR: Mapping[str, str] = {
    "torch": "torch.nn.BatchNorm2d",
    "mindspore": "mindspore.nn.BatchNorm2d",
    "flax": "flax.linen.BatchNorm",
    "paddle": "paddle.nn.BatchNorm2D",
}
#: The shape of an example's data as it is written there, and what it is for other classes.
_SHAPE = "(2, 3, 2, 1)"
_SHAPES: Mapping[str, str] = {"BatchNorm1d": "(2, 3, 2)", "BatchNorm3d": "(2, 3, 2, 1, 1)"}
#: Classes for which an example has another name of the same shape.
_KINDS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")


@dataclass(frozen=True, kw_only=True)
class Side:
    """A BatchNorm: what it was called, its framework, and its constructor if it has one."""

    name: str
    framework: str
    constructor: Constructor | None

    @property
    def declared(self) -> Declaration:
        """The row of its framework."""
        return FRAMEWORKS[self.framework]

    @property
    def title(self) -> str:
        """What it is called on the page."""
        return self.constructor.path if self.constructor is not None else self.framework

    @property
    def kind(self) -> str:
        """The name of its class, nothing without one."""
        return self.constructor.kind if self.constructor is not None else ""

    @property
    def example(self) -> str:
        """The source of its example, nothing if there is none."""
        path = Path(__file__).parent / "examples" / f"{self.framework}.py"
        several = self.framework in ("torch", "mindspore")
        if not path.is_file() or (several and self.kind not in _KINDS):
            return ""
        source = path.read_text(encoding="utf-8")
        shape = _SHAPES.get(self.kind, _SHAPE)
        return source.replace("BatchNorm2d(", f"{self.kind}(").replace(_SHAPE, shape)


def side_called(name: str) -> Side:
    """Return the side that a name means: a framework of the table, or the path of a class.

    Raises
    ------
    UsageError
        If it means none; the message has what it may have meant.

    Examples
    --------
    >>> side_called("keras").title
    'keras.layers.BatchNormalization'
    """
    if name in FRAMEWORKS:
        return Side(name=name, framework=name, constructor=_of_framework(name))
    found = constructor_at(name)
    if found is None:
        known = (*FRAMEWORKS, *CONSTRUCTORS)
        raise UsageError(
            f"{name!r} is no BatchNorm that is known: bnparity dialects lists the frameworks, and "
            f"classes are written as torch.nn.BatchNorm2d{did_you_mean(name, known)}"
        )
    return Side(name=name, framework=found.framework, constructor=found)


def _of_framework(name: str) -> Constructor | None:
    path = _STANDS_FOR.get(name)
    if path is not None:
        return CONSTRUCTORS[path]
    return next((c for c in CONSTRUCTORS.values() if c.framework == name), None)
