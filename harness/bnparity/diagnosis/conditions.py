"""Where a change holds: the fewest conditions that part what it explains from the rest.

A condition speaks of the call that a user makes, of its sizes, formats and arguments. Of the data
it says at most that they are extreme: a finer one would fit whatever happened by chance.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod
from types import MappingProxyType
from typing import Any

from bnparity.cases import Case
from bnparity.diagnosis.words import in_words

#: Scales and spreads up to this decimal exponent are ordinary.
ORDINARY_EXPONENT = 3


@dataclass(frozen=True, kw_only=True)
class Feature:
    """Something that a case says of its call: how to read it, and the fields of the case behind it.

    ``sized`` ones are numbers, and a condition is a range of them. Of others it names up to
    ``most_values``, or leaves out as many.
    """

    name: str
    read: Callable[[Case], Any]
    fields: tuple[str, ...]
    sized: bool = False
    most_values: int = 2


def _mode(case: Case) -> tuple[bool, bool]:
    return case.training, case.tracked


def _special(case: Case) -> str:
    """Return what is out of the ordinary in which argument, in words; nothing where nothing is."""
    recipe = case.recipe
    if recipe.special == "none":
        return ""
    return f"{recipe.special} values are in {recipe.special_in}"


def _strided_parameters(case: Case) -> bool:
    return any(getattr(case, name) != "contiguous" for name in PARAM_LAYOUTS)


def is_extreme(case: Case) -> bool:
    """Return whether the data are near the end of what a format holds, or beyond."""
    recipe = case.recipe
    far = max(abs(recipe.scale), abs(recipe.scale + recipe.spread)) > ORDINARY_EXPONENT
    odd = recipe.special in ("tiny", "huge", "negative", "nan", "infinite")
    return far or odd or recipe.values in ("subnormal", "huge", "nan", "infinite")


#: The fields that say how parameters and running statistics lie in memory.
PARAM_LAYOUTS = ("weight_layout", "bias_layout", "running_mean_layout", "running_var_layout")

#: The fields that say the formats of all arrays.
_FORMATS = ("dtype", "param_dtype", "statistics_dtype")

#: Features that a user chooses by name: what a kernel has a branch for.
OF_SETTINGS = frozenset(
    {
        "mode",
        "gradient",
        "masked",
        "through_statistics",
        "momentum_none",
        "momentum_zero",
        "momentum_one",
        "affine",
        "dtype",
        "formats",
    }
)

#: What conditions speak of, the likelier cause first.
FEATURES: Mapping[str, Feature] = MappingProxyType(
    {
        feature.name: feature
        for feature in (
            Feature(name="mode", read=_mode, fields=("training", "tracked")),
            Feature(name="gradient", read=lambda c: c.gradient, fields=("gradient",)),
            Feature(name="masked", read=lambda c: c.mask != "none", fields=("mask",)),
            Feature(
                name="through_statistics",
                read=lambda c: c.statistics_gradients,
                fields=("statistics_gradients",),
            ),
            Feature(name="momentum_none", read=lambda c: c.momentum is None, fields=("momentum",)),
            Feature(name="momentum_zero", read=lambda c: c.momentum == 0.0, fields=("momentum",)),
            Feature(name="momentum_one", read=lambda c: c.momentum == 1.0, fields=("momentum",)),
            Feature(name="affine", read=lambda c: c.affine, fields=("affine",)),
            Feature(name="dtype", read=lambda c: c.dtype, fields=_FORMATS),
            Feature(
                name="formats",
                read=lambda c: c.formats[: 2 if c.statistics_dtype is None else 3],
                fields=_FORMATS,
            ),
            Feature(name="n", read=lambda c: c.values_per_channel, fields=("shape",), sized=True),
            Feature(name="history", read=lambda c: bool(c.history), fields=("history",)),
            Feature(name="axes", read=lambda c: len(c.shape), fields=("shape",)),
            Feature(name="layout", read=lambda c: c.layout, fields=("layout",), most_values=1),
            Feature(
                name="grad_layout",
                read=lambda c: c.grad_layout,
                fields=("grad_layout",),
                most_values=1,
            ),
            Feature(name="channels", read=lambda c: c.shape[1], fields=("shape",), sized=True),
            Feature(name="images", read=lambda c: c.shape[0], fields=("shape",), sized=True),
            Feature(name="plane", read=lambda c: prod(c.shape[2:]), fields=("shape",), sized=True),
            Feature(name="fresh", read=lambda c: c.fresh, fields=("fresh",)),
            Feature(name="repeated", read=lambda c: c.calls > 1, fields=("calls",)),
            Feature(name="reused", read=lambda c: c.reused, fields=("reused",)),
            Feature(name="special", read=_special, fields=("recipe",), most_values=2),
            Feature(name="param_layouts", read=_strided_parameters, fields=PARAM_LAYOUTS),
            Feature(name="threads", read=lambda c: c.threads, fields=("threads",)),
            Feature(name="extreme", read=is_extreme, fields=("recipe",)),
        )
    }
)


@dataclass(frozen=True, kw_only=True)
class Atom:
    """One condition: a feature with one of ``values``, or from ``least`` to ``most``."""

    feature: str
    values: frozenset[Any] = frozenset()
    least: float = -inf
    most: float = inf

    def holds(self, case: Case) -> bool:
        """Return whether `case` meets it."""
        value = FEATURES[self.feature].read(case)
        return value in self.values if self.values else self.least <= value <= self.most


ORDINARY = Atom(feature="extreme", values=frozenset({False}))


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Where something holds: all of its atoms do, and everywhere if there are none."""

    atoms: tuple[Atom, ...] = ()

    def holds(self, case: Case) -> bool:
        """Return whether `case` meets all of it."""
        return all(atom.holds(case) for atom in self.atoms)

    @property
    def begins_at_a_size(self) -> bool:
        """Whether it holds from some size on."""
        return any(atom.least > -inf for atom in self.atoms)

    @property
    def is_of_settings(self) -> bool:
        """Whether it speaks of nothing but settings that a user chooses by name."""
        return all(atom.feature in OF_SETTINGS for atom in self.atoms)

    @property
    def text(self) -> str:
        """The condition in words that follow what it is about; empty for everywhere."""
        return " ".join(in_words(a.feature, a.values, a.least, a.most) for a in self.atoms)


EVERYWHERE = Condition()


def parting(inside: Sequence[Case], outside: Sequence[Case]) -> Iterator[Condition]:
    """Yield conditions that none of `outside` meets and some of `inside` do, likely ones first."""
    if not outside:
        yield EVERYWHERE
        return
    yield from (Condition(atoms=(atom,)) for atom in _atoms(inside, outside))
    left = [case for case in outside if ORDINARY.holds(case)]
    if 0 < len(left) < len(outside):  # extreme data may be off besides
        ordinary = [case for case in inside if ORDINARY.holds(case)]
        yield from (Condition(atoms=(atom, ORDINARY)) for atom in _atoms(ordinary, left))


def _atoms(inside: Sequence[Case], outside: Sequence[Case]) -> Iterator[Atom]:
    """Yield the atoms that part some of `inside` from all of `outside`."""
    for feature in FEATURES.values():
        ins = {feature.read(case) for case in inside}
        outs = {feature.read(case) for case in outside}
        if not feature.sized:
            if ins - outs and min(len(ins - outs), len(outs)) <= feature.most_values:
                yield Atom(feature=feature.name, values=frozenset(ins - outs))
        elif ins and outs:
            above = [value for value in ins if value > max(outs)]
            below = [value for value in ins if value < min(outs)]
            if above:
                yield Atom(feature=feature.name, least=_round(max(outs), min(above)) + 1)
            if below:
                yield Atom(feature=feature.name, most=max(below))


def narrowing(inside: Sequence[Case], outside: Sequence[Case]) -> Iterator[Condition]:
    """Yield conditions of one atom that all of `inside` meet, and some of `outside` do not."""
    yield from (Condition(atoms=(atom,)) for atom in _narrow(inside, outside))


def of_formats(cases: Sequence[Case]) -> Iterator[Condition]:
    """Yield a condition for each format of data of cases, if there are several."""
    formats = dict.fromkeys(case.dtype for case in cases)
    for dtype in formats if len(formats) > 1 else ():
        yield Condition(atoms=(Atom(feature="dtype", values=frozenset({dtype})),))


def _narrow(inside: Sequence[Case], outside: Sequence[Case]) -> Iterator[Atom]:
    """Yield the atoms that all of `inside` meet, and some of `outside` do not."""
    for feature in FEATURES.values():
        ins = {feature.read(case) for case in inside}
        if feature.sized:
            outs = [feature.read(case) for case in outside]
            smaller = max((value for value in outs if value < min(ins)), default=min(ins) - 1)
            least, most = _round(smaller, min(ins)) + 1, max(ins)
            atoms = [Atom(feature=feature.name, least=least), Atom(feature=feature.name, most=most)]
        else:
            atoms = [Atom(feature=feature.name, values=frozenset(ins))]
        for atom in atoms:
            if not all(atom.holds(case) for case in outside):
                yield atom


def _round(largest_out: int, smallest_in: int) -> int:
    """Return the limit between two sizes: a power of two, if one lies there."""
    power = 1 << (smallest_in - 1).bit_length() - 1 if smallest_in > 1 else 0
    return max(power, largest_out)
