"""What the page shows of one backend and of one finding: all that its template would work out."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from bnparity_reports.cells import AXES, folded
from bnparity_reports.charts.ratios import distribution_chart, heat_map
from bnparity_reports.distribution import HEADINGS, distribution
from bnparity_reports.figures import (
    OUTPUTS,
    checked,
    concerned,
    counted,
    drift,
    ratio,
    shortened,
    sums,
    verdict,
)
from bnparity_reports.news import found, is_known, split
from bnparity_reports.view import View
from bnparity_reports.words import sentence

#: What the schema says of a backend beside its figures, in the order of the page.
_FACTS = ("name", "taken for", "version", "dialect", "device", "interpreter", "reason")

#: Verdicts on what is beyond the tight line.
_BEYOND = ("loose", "fail")


def section(backend: View, name: str, axes: Sequence[str] = AXES) -> View:
    """Return what the page shows of one backend.

    Parameters
    ----------
    backend
        As in the results.
    name
        What to call it.
    axes
        What its cells are told apart by.
    """
    cells, spread = folded(backend["cells"], axes), distribution(backend)
    return {
        **{key: shortened(backend[key]) for key in ("version", "dialect", "status")},
        "name": shortened(name),
        "sentence": sentence(backend, name),
        "marks": [mark(backend["outputs"].get(output)) for output in OUTPUTS],
        "facts": [(fact, said) for fact in _FACTS if (said := backend.get(fact.replace(" ", "_")))],
        "sizes": sizes(backend),
        "asked": f"{counted(backend['cases'], 'case')}, {counted(backend['checks'], 'check')}",
        "seconds": ratio(backend["seconds"]),
        "figures": [_row(output, figures) for output, figures in checked(backend).items()],
        "graded": any(figures["grade"] for figures in checked(backend).values()),
        "distribution": spread,
        "distribution_chart": distribution_chart(spread, HEADINGS, name),
        "heat_map": heat_map(cells, name),
        "drift": drift(backend),
        "cells": [_cell(cell) for cell in cells],
        "findings": [
            article(finding, backend["name"])
            for part in split(backend["findings"])
            for finding in part
        ],
        "found": found(backend["findings"]),
    }


def commands(repro: str, backend: str) -> list[str]:
    """Return the commands to copy: the script, and the same case put to any backend.

    A replay imports a file or a module only if the command names it.

    Examples
    --------
    >>> commands("findings/k/repro.py", "k.py:batch_norm")
    ['python findings/k/repro.py k.py', 'bnparity replay findings/k --backend k.py:batch_norm']
    """
    replay = ["bnparity", "replay", str(PurePosixPath(repro).parent)]
    named = ["--backend", backend] if ":" in backend else []
    place = backend.rpartition(":")[0]
    file = [place] if place.endswith(".py") else []
    return [shlex.join(["python", repro, *file]), shlex.join([*replay, *named])]


def article(finding: View, backend: str) -> View:
    """Return what the page shows of one finding of a backend."""
    repro, case = finding["repro"], finding["case"] or {}
    return {
        **{key: finding[key] for key in ("kind", "text")},
        **{key: shortened(finding[key]) for key in ("id", "output")},
        "codes": [shortened(code) for code in finding["codes"]],
        "ratio": ratio(finding["ratio"]),
        "count": counted(finding["count"], "case"),
        "verdict": "untrusted" if finding["kind"] == "vacuous" else "fail",
        "concerns": [shortened(name) for name in concerned(finding)],
        "element": _element(finding.get("element")),
        "dtype": dtype_of(case),
        "mode": mode_of(case),
        "case": list(parts_of(case)),
        "summary": summary_of(case),
        "known": finding["known"] or "no reason" if is_known(finding) else "",
        "replay": "" if repro is None else "\n".join(commands(repro, backend)),
    }


def sizes(backend: View) -> str:
    """Return how large its cases were; nothing where results do not say."""
    powers = {
        name: [int(power) for power in counts if re.fullmatch("[0-9]{1,18}", power)]
        for name, counts in backend.get("sizes", {}).items()
    }
    return ", ".join(
        f"{name} up to {max(found):,} and above" for name, found in powers.items() if found
    )


def dtype_of(case: View) -> str:
    """Return the formats of a case as its cell names them; nothing where it has none."""
    keys = ("dtype", "param_dtype", "statistics_dtype")
    data, params, statistics = (shortened(plain(case.get(key) or "")) for key in keys)
    if statistics not in ("", params):
        return f"{data}+{params}+{statistics}"
    return data if params in ("", data) else f"{data}+{params}"


def mode_of(case: View) -> str:
    """Return the mode of a case as its cell names it; nothing where it has none."""
    if "training" not in case:
        return ""
    mode = "training" if case["training"] else "inference"
    return mode if case.get("tracked", True) else f"{mode}, untracked"


def summary_of(case: View) -> str:
    """Return a case in a line: what one would ask first."""
    shape = plain(case.get("shape", ""))
    parts = (mode_of(case), shape and f"on {shape}", dtype_of(case), plain(case.get("layout", "")))
    return ", ".join(shortened(part) for part in parts if part)


def _element(element: View | None) -> View:
    """Return what decided a finding: which element, and what came of it; nothing where none did."""
    if element is None:
        return {}
    where = f"{element['output']}[{', '.join(map(str, element['index']))}]"
    values = {key: shortened(element[key]) for key in ("expected", "got", "bound")}
    return {"where": shortened(where), **values}


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
        **{key: shortened(cell[key] or "") for key in ("mode", "dtype", "layout")},
        "rank": "" if cell["rank"] is None else cell["rank"],
        "marks": [mark(cell["outputs"].get(output)) for output in OUTPUTS],
    }


def parts_of(case: View) -> Iterator[tuple[str, str]]:
    """Yield the parts of a case, those of its recipe one by one."""
    for key, value in case.items():
        if isinstance(value, dict) and value:
            yield from ((f"{key}.{part}", plain(inner)) for part, inner in value.items())
        else:
            yield key, plain(value)
