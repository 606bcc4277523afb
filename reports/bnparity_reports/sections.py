"""What the page shows of one backend and of one finding: all that its template would work out."""

import json
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from bnparity_reports.distribution import distribution
from bnparity_reports.figures import (
    OUTPUTS,
    checked,
    counted,
    drift,
    ratio,
    shortened,
    sums,
    verdict,
)
from bnparity_reports.words import sentence

View = dict[str, Any]

#: What the schema says of a backend beside its figures, in the order of the page.
_FACTS = ("name", "version", "dialect", "device", "interpreter", "reason")

#: Verdicts on what is beyond the tight line.
_BEYOND = ("loose", "fail")


def section(backend: View, name: str) -> View:
    """Return what the page shows of one backend.

    Parameters
    ----------
    backend
        As in the results.
    name
        What to call it.
    """
    return {
        **{key: shortened(backend[key]) for key in ("version", "dialect", "status")},
        "name": shortened(name),
        "sentence": sentence(backend, name),
        "marks": [mark(backend["outputs"].get(output)) for output in OUTPUTS],
        "facts": [(fact, backend[fact]) for fact in _FACTS if backend[fact]],
        "asked": f"{counted(backend['cases'], 'case')}, {counted(backend['checks'], 'check')}",
        "seconds": ratio(backend["seconds"]),
        "figures": [_row(output, figures) for output, figures in checked(backend).items()],
        "graded": any(figures["grade"] for figures in checked(backend).values()),
        "distribution": distribution(backend),
        "drift": drift(backend),
        "cells": [_cell(cell) for cell in backend["cells"]],
        "findings": [article(finding) for finding in backend["findings"]],
        "found": counted(len(backend["findings"]), "finding"),
    }


def _commands(repro: str) -> str:
    """Return the lines to copy: the script, and the same case put to any backend."""
    folder = str(PurePosixPath(repro).parent)
    return f"python {shlex.quote(repro)}\nbnparity replay {shlex.quote(folder)}"


def article(finding: View) -> View:
    """Return what the page shows of one finding."""
    repro = finding["repro"]
    return {
        **{key: finding[key] for key in ("kind", "text")},
        **{key: shortened(finding[key]) for key in ("id", "output")},
        "codes": [shortened(code) for code in finding["codes"]],
        "ratio": ratio(finding["ratio"]),
        "count": counted(finding["count"], "case"),
        "case": list(_parts(finding["case"] or {})),
        "replay": "" if repro is None else _commands(repro),
    }


def mark(figures: View | None) -> View:
    """Return how an output did: its verdict, and its worst ratio if it was checked."""
    if figures is None or not figures["checks"]:
        return {"verdict": verdict(None), "ratio": ""}
    return {"verdict": verdict(figures), "ratio": ratio(figures["worst_ratio"])}


def plain(value: Any) -> str:
    """Return text as it is, and any other value as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _row(output: str, figures: View) -> View:
    verdicts = figures.get("verdicts")
    return {
        **mark(figures),
        "output": output,
        "checks": f"{int(figures['checks']):,}",
        "beyond": [
            "" if verdicts is None else f"{int(verdicts.get(word, 0)):,}" for word in _BEYOND
        ],
        "median": ratio(figures["median_ratio"]),
        "ulp": ratio(figures["max_ulp"]),
        "sums": shortened(sums(figures)),
    }


def _cell(cell: View) -> View:
    return {
        **{key: shortened(cell[key]) for key in ("mode", "dtype", "layout")},
        "rank": cell["rank"],
        "marks": [mark(cell["outputs"].get(output)) for output in OUTPUTS],
    }


def _parts(case: View) -> Iterator[tuple[str, str]]:
    """Yield the parts of a case, those of its recipe one by one."""
    for key, value in case.items():
        if isinstance(value, dict) and value:
            yield from ((f"{key}.{part}", plain(inner)) for part, inner in value.items())
        else:
            yield key, plain(value)
