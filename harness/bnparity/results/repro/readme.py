"""``README.txt``: what a maintainer asks first about a finding, in plain text."""

import platform
import re
import shlex
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bnparity import __version__
from bnparity.backends import Name
from bnparity.cases import Case, declaration, in_words
from bnparity.judging import ratio_text
from bnparity.results.findings import Finding
from bnparity.results.reasons import reasons
from bnparity.results.repro.accused import Accused

_WIDTH = 96

_ARRAYS = (
    "inputs, expected, got and bound are safetensors: the arguments of the calls, what the last "
    "one should have returned, what it did return, and the error that makes a ratio of 1; "
    "NAME.any_order is that of sums in any order, NAME.rounding is deducted first."
)


def readme(finding: Finding, accused: Accused, expected: str) -> str:
    """Return the text about `finding`; `expected` says in a word what a fault came instead of."""
    assert finding.case is not None, finding
    paragraphs = [
        [one_line(finding.text)],
        [f"{name:<12}{text}" for name, text in _facts(finding, accused, finding.case) if text],
        _listed("Why this is expected", _reasons(finding, accused, finding.case, expected)),
        _listed("Where it was raised, the last line last", finding.traceback.splitlines()),
        _listed("What the call printed, at its end", finding.printed.splitlines()),
    ]
    filled = ["\n".join(map(_filled, lines)) for lines in paragraphs if lines]
    return "\n\n".join([*filled, "\n".join(_commands(accused.name)), _filled(_ARRAYS)]) + "\n"


def one_line(text: str) -> str:
    """Return `text` without what is not printed, and without folders: a message may hold anything.

    Examples
    --------
    >>> one_line("no file '/home/me/data.npy'")
    "no file 'data.npy'"
    """
    printed = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"(?<![\w/:.])~?/(?:[^/\s'\"]+/)+(?=[^/\s'\"])", "", printed)


def _facts(finding: Finding, accused: Accused, case: Case) -> Iterator[tuple[str, str]]:
    declared = declaration(accused.dialect)
    found = " ".join(filter(None, [accused.shown, accused.version, "on", accused.device]))
    yield "Found in", one_line(f"{found}, judged by the dialect {accused.dialect}")
    yield "How often", _how_often(finding)
    yield "Smallest", in_words(case, declared)
    worst = finding.worst
    if worst is not None and worst.case != case:
        yield "Worst", f"ratio {ratio_text(worst.ratio)}: {in_words(worst.case, declared)}"
    yield "Settings", ", ".join(_settings(case))
    yield (
        "Versions",
        one_line(", ".join(filter(None, [f"bnparity {__version__}", accused.software]))),
    )
    yield "System", f"{platform.system()} on {platform.machine()}"
    yield "Date", datetime.now(UTC).date().isoformat()


def _how_often(finding: Finding) -> str:
    of = "" if finding.cases is None else f" of {finding.cases}"
    return f"in {finding.count}{of} cases"


def _settings(case: Case) -> Iterator[str]:
    """Yield every setting of `case`, those of its recipe too."""
    for name, value in (vars(case) | vars(case.recipe)).items():
        if name != "recipe":
            yield f"{name}={list(value) if isinstance(value, tuple) else value}"


def _reasons(finding: Finding, accused: Accused, case: Case, expected: str) -> Sequence[str]:
    if finding.check is None:
        return [f"a call gives {expected}"]
    dialect = declaration(accused.dialect).dialect
    return reasons(finding.check.output, finding.codes, case, dialect, accused.dialect)


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *(f"    {one_line(line)}" for line in lines)] if lines else []


def _commands(name: Name) -> Iterator[str]:
    file = [f"path/to/{Path(name.text.rpartition(':')[0]).name}"] if name.is_file else []
    yield one_line(shlex.join(["python", "show.py", *file]))
    yield "    makes the call in a few lines: what you would paste into a report"
    yield one_line(shlex.join(["python", "repro.py", *file]))
    yield "    judges it too, without bnparity, with any Python that has what the script says"
    yield _replay(name)
    yield "    puts the same case to the backend again, or to another (--backend NAME)"


def _replay(name: Name) -> str:
    """Return the command that replays; of anybody's file it has to name the function, and where."""
    named = ["--backend", f"path/to/{Path(name.text).name}"] if name.is_file else []
    return one_line(shlex.join(["bnparity", "replay", ".", *named]))


def _filled(line: str) -> str:
    """Return a line broken where it is too long, with later lines further in."""
    indent = " " * (
        12 if re.match(r"[A-Z]\w+( \w+)? {2,}", line) else len(line) - len(line.lstrip())
    )
    return textwrap.fill(
        line,
        _WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
