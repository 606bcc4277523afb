"""What changed between versions of a framework, as a page: `python -m bnparity.frontends.versions`.

Each results file that is named has versions that were asked the same cases in one session, the
oldest first: `bnparity run mindspore==2.9.0 mindspore --json FILE`.
"""

import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from bnparity.results import Change, compare, read, write

_INTRODUCTION = """# What changed between versions

Versions of a framework that were asked the same cases, one beside the other, on a CPU. This page is
made of results files by `python -m bnparity.frontends.versions`; of two versions in such a file
`bnparity diff FILE.json:mindspore==2.8.0 FILE.json:mindspore==2.9.0` tells the same.
"""
#: What stands above, or differs from case to case and is no change of the framework.
_NOISE = ("name", "version", "ratios", "sums")


def main() -> None:
    """Write the page that is named first, of the results files that follow."""
    page, *files = map(Path, sys.argv[1:])
    sections = [_INTRODUCTION]
    for path in files:
        document = read(path)
        for old, new in pairwise(document["backends"]):
            sections.append("\n".join(_section(document["run"], old, new)) + "\n")
    write(page, "\n".join(sections))


def _section(
    run: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[str]:
    yield f"## {new['name'].partition('==')[0]} {old['version']} and {new['version']}\n"
    before, after = ({"run": run, "backends": [backend]} for backend in (old, new))
    told = [_in_words(c) for c in compare(before, after).changes if c.subject not in _NOISE]
    told += [*_other_conventions(old, new), *_refusals(old, new)]
    cases = f"{old['cases']} and {new['cases']} cases, {run['created'][:10]}"
    yield from (f"- {line}" for line in dict.fromkeys(told))
    yield ("" if told else "Nothing changed that these cases show.\n") + f"\n({cases}.)"


def _other_conventions(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the conventions that were measured to be others."""
    before, after = ({c["field"]: c["value"] for c in b["conventions"]} for b in (old, new))
    return [
        f"measured: `{field}` was `{before[field]}` and is `{value}`"
        for field, value in after.items()
        if field in before and before[field] != value
    ]


def _refusals(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is refused by one of them alone."""
    before, after = old["unsupported"], new["unsupported"]
    yield from (f"refused no longer: {why}" for why in before if why not in after)
    yield from (f"refused now: {why}" for why in after if why not in before)


def _in_words(change: Change) -> str:
    """Return a change in a line of Markdown: a finding as far as it says what happens."""
    where = f" ({change.where})" if change.where else ""
    if change.subject == "finding":
        when = "new" if not change.old else "no longer" if not change.new else "told differently"
        told = f"{change.subject}, {when}{where}: {change.note.partition(';')[0]}"
    else:
        values = " → ".join(value for value in (change.old, change.new) if value)
        told = f"{change.subject}{where}: {values}" + (f": {change.note}" if change.note else "")
    return " ".join(told.split())


if __name__ == "__main__":
    main()
