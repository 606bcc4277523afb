"""What two runs say differently, for a terminal and for a comment on a pull request.

Both take the document that ``bnparity diff --json`` writes. Its texts come from the
implementations under test: none of them may steer a terminal, or be markup.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from bnparity_reports.figures import counted, printable

View = dict[str, Any]

#: Directions with their headings, what matters most first.
DIRECTIONS = {"regressed": "Regressed", "mended": "Mended", "changed": "Changed"}

#: What is said of a run where the two are not the same.
FACTS = ("bnparity", "numpy", "python", "platform", "cpu", "seed")

_WIDTH = 100
#: The longest text of others that is shown.
_LONGEST = 1000


def text(diff: View) -> str:
    """Return the differences as plain text; characters that do not print are question marks."""
    lines = [f"{summary(diff)}.", *(f"{fact}." for fact in _facts(diff, str))]
    for direction, heading in DIRECTIONS.items():
        if changes := _of(diff, direction):
            lines += [f"{heading}:", *(f"  {sentence(change, str)}" for change in changes)]
    lines += [told] if (told := remedy(diff)) else []
    return "".join(_wrapped(printable(line, "\n")) for line in lines)


def markdown(diff: View) -> str:
    """Return the differences as Markdown: whatever others have written is in code spans."""
    blocks = [f"**{summary(diff)}**"]
    if facts := list(_facts(diff, code)):
        blocks.append("\n".join(f"- {fact}" for fact in facts))
    for direction, heading in DIRECTIONS.items():
        if changes := _of(diff, direction):
            items = "\n".join(f"- {sentence(change, code)}" for change in changes)
            blocks.append(f"### {heading}\n\n{items}")
    blocks += [told] if (told := remedy(diff)) else []
    return "\n\n".join(blocks) + "\n"


def summary(diff: View) -> str:
    """Return the verdict in a line.

    Examples
    --------
    >>> summary({"changes": []})
    'nothing changed'
    >>> summary({"changes": [{"direction": "mended"}]})
    'nothing regressed; 1 mended'
    """
    if not diff["changes"]:
        return "nothing changed"
    counts = {direction: len(_of(diff, direction)) for direction in DIRECTIONS}
    said = [f"{count:,} {direction}" for direction, count in counts.items() if count]
    return "; ".join(said if counts["regressed"] else ["nothing regressed", *said])


def code(words: str) -> str:
    """Return `words` as a code span of Markdown, in which nothing is markup.

    Examples
    --------
    >>> code("a`b")
    '``a`b``'
    """
    printed = " ".join(printable(words, "\n").split()) or "?"
    fence = "`" * (1 + max(map(len, re.findall("`+", printed)), default=0))
    room = " " if printed.startswith("`") or printed.endswith("`") else ""
    return f"{fence}{room}{printed}{room}{fence}"


def sentence(change: View, quoted: Callable[[str], str]) -> str:
    """Return a change in a sentence, the words of others as `quoted` has them."""
    parts = [quoted(_shortened(change[part])) for part in ("backend", "where") if change[part]]
    was, now = _shortened(change["old"]), _shortened(change["new"])
    what = _FINDINGS[change["direction"]] if change["subject"] == "finding" else change["subject"]
    if change["subject"] == "finding":
        what += f" {quoted(now or was)}"
    elif was and now:
        what += f" {quoted(was)} -> {quoted(now)}"
    elif was or now:
        what += f" {quoted(was)} no more" if was else f" {quoted(now)} is new"
    note = _shortened(change["note"])
    return ": ".join([*parts, what, *([quoted(note)] if note else [])])


_FINDINGS = {
    "regressed": "new finding",
    "mended": "no longer found",
    "changed": "found otherwise",
}


def _of(diff: View, direction: str) -> list[View]:
    return [change for change in diff["changes"] if change["direction"] == direction]


def _facts(diff: View, quoted: Callable[[str], str]) -> Iterator[str]:
    for fact in FACTS:
        old, new = str(diff["old"][fact]), str(diff["new"][fact])
        if old != new:
            yield f"{fact}: {quoted(old)} -> {quoted(new)}"


def remedy(diff: View) -> str:
    """Return what to do with a baseline that knows more than there is; nothing if it does not."""
    if not diff["baseline"] or not _of(diff, "mended"):
        return ""
    count = counted(len(_of(diff, "mended")), "deviation")
    return f"The baseline is out of date by {count}: write it anew with bnparity run --json."


def _shortened(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} ..."


def _wrapped(line: str) -> str:
    return (
        textwrap.fill(
            " ".join(line.split()),
            _WIDTH,
            initial_indent=line[: len(line) - len(line.lstrip())],
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )
