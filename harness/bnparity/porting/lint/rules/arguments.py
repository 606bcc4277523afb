"""Defaults that differ from the original's, and arguments in another framework's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bnparity.cases import FRAMEWORKS
from bnparity.porting.lint.rule import Hit, Rule
from bnparity.porting.lint.rules.documents import CALLED, DIFFERENCES, KERAS, TORCH
from bnparity.porting.lint.rules.edits import added, renamed
from bnparity.porting.lint.source import LayerCall, Source
from bnparity.porting.translation.rules import complement

#: The largest eps that anybody means.
_LARGEST_EPS = 0.1
#: Arguments that other frameworks have, and whose they are.
_FOREIGN = {
    "gamma_init": "mindspore",
    "beta_init": "mindspore",
    "moving_mean_init": "mindspore",
    "moving_var_init": "mindspore",
    "use_batch_statistics": "mindspore",
    "track_running_stats": "torch",
    "affine": "torch",
    "center": "keras",
    "scale": "keras",
    "axis": "keras",
    "data_format": "mindspore",
    "decay_rate": "haiku",
    "use_running_average": "flax",
}


@dataclass(frozen=True, kw_only=True)
class _Default:
    """An argument that was left out, and its value here and in the original."""

    layer: LayerCall
    name: str
    here: float
    there: float
    original: str
    sure: bool

    @property
    def hit(self) -> Hit:
        """What is wrong with leaving it out."""
        written = f"{self.name}={self.there:g}"
        return Hit(
            node=self.layer.node,
            message=f"{self.name} is left at {self.here:g}, and "
            f"{CALLED.get(self.original, self.original)}'s default means {self.there:g} here",
            remedy=f"write {written}",
            edit=added(self.layer, written) if self.sure else None,
        )


def eps_of_original(source: Source) -> Iterator[Hit]:
    """Find an eps that is left out where the original's default is another."""
    for layer in source.layers:
        original = source.ported_from or _original(source, layer)
        if original is None or not _left_out(layer, "eps"):
            continue
        here, there = layer.constructor.declared.default_eps, FRAMEWORKS[original].default_eps
        if here != there and original != layer.framework:
            sure = source.ported_from is not None
            yield _Default(
                layer=layer,
                name=layer.constructor.eps,
                here=here,
                there=there,
                original=original,
                sure=sure,
            ).hit


def momentum_of_original(source: Source) -> Iterator[Hit]:
    """Find a momentum that is left out where the original's default means something else."""
    original = source.ported_from
    for layer in source.layers:
        if original in (None, layer.framework) or not _left_out(layer, "momentum"):
            continue
        there, here = FRAMEWORKS[original], layer.constructor.declared
        meant = there.default_momentum
        if there.dialect.momentum != here.dialect.momentum:
            meant = complement(meant) or 1 - meant
        if meant != here.default_momentum:
            yield _Default(
                layer=layer,
                name=layer.constructor.momentum,
                here=here.default_momentum,
                there=meant,
                original=original,
                sure=True,
            ).hit


def _original(source: Source, layer: LayerCall) -> str | None:
    """Return Keras where the momentum is its default: of a port that forgot eps."""
    meant = 0.01 if layer.constructor.declared.dialect.momentum == "new" else 0.99
    foreign = layer.framework in ("torch", "mindspore")
    return "keras" if foreign and source.number(layer.momentum) == meant else None


def _left_out(layer: LayerCall, what: Literal["eps", "momentum"]) -> bool:
    return getattr(layer, what) is None and not layer.open


def large_eps(source: Source) -> Iterator[Hit]:
    """Find an eps that can only be something else, mostly a momentum by position."""
    for layer in source.layers:
        value = source.number(layer.eps)
        if layer.eps is not None and value is not None and value >= _LARGEST_EPS:
            names = ", ".join(layer.constructor.parameters[:4])
            yield Hit(
                node=layer.eps,
                message=f"eps is {value:g}, as large as a momentum or a variance",
                remedy=f"by position {layer.constructor.kind} takes {names}: name the arguments",
            )


def foreign_argument(source: Source) -> Iterator[Hit]:
    """Find a keyword that another framework's constructor has and this one has not."""
    for layer in source.layers:
        own = layer.constructor
        for keyword in layer.unknown:
            if keyword.arg in {"eps", "epsilon"} - {own.eps}:
                yield Hit(
                    node=keyword,
                    message=f"{own.kind} of {CALLED[layer.framework]} has no {keyword.arg}",
                    remedy=f"write {own.eps}",
                    edit=renamed(keyword, own.eps),
                )
            elif layer.framework in ("torch", "mindspore") and keyword.arg in _FOREIGN:
                whose = CALLED[_FOREIGN[str(keyword.arg)]]
                yield Hit(
                    node=keyword,
                    message=f"{own.kind} of {CALLED[layer.framework]} has no {keyword.arg}, "
                    f"which is {whose}'s",
                    remedy=f"it takes {', '.join(own.parameters)}",
                )


RULES = (
    Rule(
        code="BN110",
        sentence="eps is left at a default that is not the original's",
        document=KERAS,
        check=eps_of_original,
    ),
    Rule(
        code="BN111",
        sentence="The momentum is left at a default that is not the original's",
        document=DIFFERENCES,
        check=momentum_of_original,
    ),
    Rule(
        code="BN112",
        sentence="eps is as large as a momentum: the arguments have another order",
        document=TORCH,
        check=large_eps,
    ),
    Rule(
        code="BN113",
        sentence="The argument is another framework's",
        document=DIFFERENCES,
        check=foreign_argument,
    ),
)
