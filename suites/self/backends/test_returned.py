"""What is told of a mapping whose names are not those of outputs."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from bnparity.backends.returned import LONGEST_NAME, MOST_NAMES, names_besides


class Endless(Mapping[str, int]):
    """A mapping that has every number for a name, and then none."""

    def __getitem__(self, name: str) -> int:
        return len(name)

    def __iter__(self) -> Iterator[str]:
        return map(str, count())

    def __len__(self) -> int:
        return 0


class Raising(Endless):
    """A mapping whose names cannot be told."""

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("not now")


def test_names_are_few_and_short() -> None:
    """However many there are, and however long they are."""
    assert len(names_besides(Endless(), ())) == MOST_NAMES
    assert names_besides({"a" * 1000: 1}, ()) == ("a" * LONGEST_NAME,)


def test_what_is_no_printed_name_is_left_out() -> None:
    """A key that is no text, or would move the cursor, is no hint."""
    odd: dict[Any, int] = {1: 1, "\x1b[2J": 2, "dx": 3}
    assert names_besides(odd, ()) == ("dx",)


def test_mapping_that_raises_has_no_names() -> None:
    """It is told elsewhere that it did."""
    assert names_besides(Raising(), ()) == ()
