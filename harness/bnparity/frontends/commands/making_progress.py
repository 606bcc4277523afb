"""How far an installer is: a line that is written over on a terminal, plain lines otherwise."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bnparity.backends import Tell
from bnparity.frontends.commands.progress import LINES_INTERVAL, due_every


@contextmanager
def making_progress(name: str, stream: TextIO) -> Iterator[Tell]:
    """Give a callback that shows on `stream` what is done for the environment `name`."""
    begin, doing = time.monotonic(), [""]

    def line() -> str:
        shown = "".join(c if c.isprintable() else " " for c in doing[0])
        return f"{name}: {time.monotonic() - begin:.0f} s  {shown}".rstrip()

    def text() -> Text:
        return Text(line(), no_wrap=True, overflow="ellipsis")

    def note(what: str) -> None:
        doing[0] = what

    def note_in_log(what: str) -> None:
        note(what)
        if what and due(name):
            print(line(), file=stream, flush=True)

    if stream.isatty():
        with Live(console=Console(file=stream), transient=True, get_renderable=text):
            yield note
    else:
        due = due_every(LINES_INTERVAL)
        yield note_in_log
