"""The conventions in which two sides differ, each with the case that shows it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from bnparity_reference import Dialect
from bnparity_reference.dialect import OF_MASKS, OF_STATISTICS_GRADIENTS

from bnparity.cases import convention_pages, value_in_words, value_text
from bnparity.judging import TIGHT, ratio_text
from bnparity.porting.differences.judging import worst
from bnparity.porting.differences.parameters import Known

#: How a row of the table was checked.
CHECKED: Mapping[str, str] = {
    "run": "run by the suites",
    "source": "read in the source",
    "documentation": "read in the documentation",
}
#: The advice of a convention's page that is for people who port.
_ADVICE = re.compile(r"To port: (.*)$", re.DOTALL)


def differing(one: Known, other: Known) -> list[str]:
    """Return the conventions in which two sides differ, but for those that few calls are about."""
    here, there = one.side.declared.dialect, other.side.declared.dialect
    rare = (*OF_MASKS, *OF_STATISTICS_GRADIENTS)
    names = [field.name for field in fields(Dialect) if field.name not in rare]
    return [name for name in names if getattr(here, name) != getattr(there, name)]


def rows(one: Known, other: Known) -> Iterator[tuple[str, ...]]:
    """Yield a row for each convention in which two sides differ."""
    for name in differing(one, other):
        yield (
            f"`{name}`",
            _worded(name, one),
            _worded(name, other),
            f"{_behind(name, one, other)}; {_behind(name, other, one)}",
        )


def _worded(name: str, known: Known) -> str:
    value = getattr(known.side.declared.dialect, name)
    return f"`{value_text(value)}`: {value_in_words(name, value)}".removesuffix(": ")


def _behind(name: str, known: Known, other: Known) -> str:
    """Return how it is known of a side: by its example, or by how the table was checked."""
    side = known.side
    if known.seen is not None and known.measured:
        changed = worst(side, known.seen, **{name: getattr(other.side.declared.dialect, name)})
        if changed > TIGHT:
            own = ratio_text(worst(side, known.seen))
            return (
                f"{side.title}, its example: ratio {own}, as the other ratio {ratio_text(changed)}"
            )
    declared = side.declared
    return f"{side.title}, the table: {CHECKED[declared.checked]}, {declared.versions}"


def advice(one: Known, other: Known) -> Iterator[str]:
    """Yield what the pages of conventions tell people who port."""
    for name in differing(one, other):
        found = _ADVICE.search(convention_pages()[name])
        if found is not None and name not in ("momentum", "running_variance"):
            text = " ".join(found[1].split())
            yield f"`{name}`: {text[0].lower()}{text[1:]}"
