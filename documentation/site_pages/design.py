"""The page of the design: ARCHITECTURE.md, with its map of rooms as a table."""

import re
from collections.abc import Iterator
from itertools import pairwise

from site_pages.markdown import table

_MAP = re.compile(r"```mermaid\n(.*?)```", flags=re.DOTALL)
_ROOM = re.compile(r'(\w+)\[+\(?"(.*?)"')
_ARROW = re.compile(r"-\.?-*>|-\. .*? \.->|-->")


def design_page(text: str) -> str:
    """Return the page; a drawing needs a script that the site does not have, so it is a table."""
    return _MAP.sub(lambda found: _rooms(found[1]), text)


def _rooms(drawing: str) -> str:
    names = dict(_ROOM.findall(drawing))
    below: dict[str, list[str]] = {room: [] for room in names}
    for upper, lower in _arrows(drawing):
        below[upper].append(_called(names[lower]))
    rows = [
        (_called(names[room]), names[room].partition("<br/>")[2], ", ".join(lower))
        for room, lower in below.items()
    ]
    return table(["room", "what is in it", "stands on"], rows)


def _called(label: str) -> str:
    return label.partition("<br/>")[0]


def _arrows(drawing: str) -> Iterator[tuple[str, str]]:
    """Yield each pair that an arrow joins, of several in one line too."""
    for line in drawing.splitlines():
        rooms = [re.split(r"[\[(]", part.strip())[0] for part in _ARROW.split(line)]
        if len(rooms) > 1:
            yield from pairwise(rooms)
