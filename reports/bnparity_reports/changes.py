"""What two runs say differently, for a terminal and for a comment on a pull request.

Both take the document that ``bnparity diff --json`` writes. Its texts come from the
implementations under test: none of them may steer a terminal, or be markup.
"""

import re
import textwrap
from collections.abc import Callable, Iterator

from bnparity_reports.figures import TEXT, counted, printable, shortened
from bnparity_reports.news import mended, stand
from bnparity_reports.terminal import PIPED, columns
from bnparity_reports.view import View

#: Directions with their headings, what matters most first.
DIRECTIONS = {"regressed": "Regressed", "mended": "Mended", "changed": "Changed"}

#: What is said of a run where the two are not the same.
FACTS = ("bnparity", "numpy", "python", "platform", "cpu", "seed")


def text(diff: View) -> str:
    """Return the differences as plain text; characters that do not print are question marks."""
    lines = [f"{summary(diff)}.", *told(diff)]
    return "".join(_wrapped(printable(line, "\n")) for line in lines)


def told(diff: View) -> Iterator[str]:
    """Yield the lines that tell the differences, those below a heading indented."""
    yield from (f"{fact}." for fact in _facts(diff, str))
    for direction, heading in DIRECTIONS.items():
        if changes := _of(diff, direction):
            yield f"{heading}:"
            yield from (f"  {sentence(change, str)}" for change in changes)
    if mends := remedy(diff):
        yield mends


def markdown(diff: View) -> str:
    """Return the differences as Markdown: whatever others have written is in code spans."""
    return "\n\n".join([f"**{summary(diff)}**", *blocks(diff)]) + "\n"


def blocks(diff: View) -> Iterator[str]:
    """Yield the differences as blocks of Markdown."""
    if facts := list(_facts(diff, code)):
        yield "\n".join(f"- {fact}" for fact in facts)
    for direction, heading in DIRECTIONS.items():
        if changes := _of(diff, direction):
            items = "\n".join(f"- {sentence(change, code)}" for change in changes)
            yield f"### {heading}\n\n{items}"
    if mends := remedy(diff):
        yield mends


def summary(diff: View) -> str:
    """Return the verdict in a line.

    Examples
    --------
    >>> summary({"changes": [], "standing": 2})
    'nothing changed; 2 findings stand'
    >>> summary({"changes": [{"direction": "mended"}], "standing": 0})
    'nothing regressed; 1 mended'
    """
    counts = {direction: len(_of(diff, direction)) for direction in DIRECTIONS}
    said = [f"{count:,} {direction}" for direction, count in counts.items() if count]
    if not counts["regressed"]:
        said.insert(0, "nothing regressed" if said else "nothing changed")
    standing = diff.get("standing", 0)
    said += [stand(standing, "finding")] if standing else []
    return "; ".join(said)


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
    keys = ("backend", "where", "old", "new", "note")
    said = {key: quoted(shortened(change[key], TEXT)) if change[key] else "" for key in keys}
    if change["subject"] == "finding":
        parts = [said["backend"], _of_finding(change, said), said["note"]]
    else:
        parts = [said["backend"], said["where"], _of_fact(change, said), said["note"]]
    return ": ".join(filter(None, parts))


#: What became of a finding: its own text, which follows, says the rest.
_FINDINGS = {
    "regressed": "new finding",
    "mended": "no longer found",
    "changed": "found before, and told differently now",
}

#: The cause of what no convention explains, as a comparison has it.
_UNEXPLAINED = "no convention"


def _of_finding(change: View, said: View) -> str:
    """Return what became of a finding, with that part of it of which this is true."""
    key = "new" if change["new"] else "old"
    cause = "" if change[key] == _UNEXPLAINED else said[key]
    part = " in ".join(filter(None, [cause, said["where"]]))
    return f"{_FINDINGS[change['direction']]} ({part})" if part else _FINDINGS[change["direction"]]


def _of_fact(change: View, said: View) -> str:
    subject, was, now = change["subject"], said["old"], said["new"]
    if was and now:
        return f"{subject} {was} -> {now}"
    if was:
        return f"{subject} {was} no more"
    return f"{subject} {now} is new" if now else str(subject)


def _of(diff: View, direction: str) -> list[View]:
    return [change for change in diff["changes"] if change["direction"] == direction]


def _facts(diff: View, quoted: Callable[[str], str]) -> Iterator[str]:
    for fact in FACTS:
        old, new = str(diff["old"][fact]), str(diff["new"][fact])
        if old != new:
            yield f"{fact}: {quoted(old)} -> {quoted(new)}"


def remedy(diff: View) -> str:
    """Return what to do with a baseline that knows more than there is; nothing if it does not."""
    if not diff["baseline"] or not mended(diff):
        return ""
    count = counted(mended(diff), "deviation")
    return f"The baseline is out of date by {count}: write it anew with bnparity run --json."


def _wrapped(line: str) -> str:
    return (
        textwrap.fill(
            " ".join(line.split()),
            min(columns(), PIPED),
            initial_indent=line[: len(line) - len(line.lstrip())],
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
    )
