"""`-k`: the words that name a part of what is asked."""

from collections.abc import Mapping
from types import MappingProxyType

from bnparity.backends import OUTPUT_LIKE, UsageError, did_you_mean
from bnparity.sessions import Part

#: What each word may be given.
_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mode": ("training", "inference"),
        "rank": tuple(str(rank) for rank in range(2, 9)),
        "output": tuple(OUTPUT_LIKE),
    }
)


def part_of(text: str | None) -> Part:
    """Return the part that words like ``rank=2,4 mode=training`` name.

    Raises
    ------
    UsageError
        If one of them names nothing.

    Examples
    --------
    >>> part_of("rank=2,4 mode=training")
    Part(modes=('training',), ranks=(2, 4), outputs=())
    """
    named = dict(_word(word) for word in (text or "").split())
    if text is not None and not named:
        raise UsageError("-k names nothing: write mode=training, rank=2,4 or output=running_var")
    return Part(
        modes=named.get("mode", ()),
        ranks=tuple(map(int, named.get("rank", ()))),
        outputs=named.get("output", ()),
    )


def _word(word: str) -> tuple[str, tuple[str, ...]]:
    key, _, values = word.partition("=")
    if key not in _CHOICES:
        known, hint = ", ".join(_CHOICES), did_you_mean(key, _CHOICES)
        raise UsageError(f"-k {word}: {key!r} is not one of {known}{hint}; write rank=2,4")
    chosen = tuple(values.split(","))
    for value in chosen:
        if value not in _CHOICES[key]:
            known, hint = ", ".join(_CHOICES[key]), did_you_mean(value, _CHOICES[key])
            raise UsageError(f"-k {word}: {key} {value!r} is not one of {known}{hint}")
    return key, chosen
