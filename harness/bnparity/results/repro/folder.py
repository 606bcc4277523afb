"""A finding as a folder: the case, the arrays, the diagnosis, and the script that shows it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from bnparity_reference import Dialect, Exact
from safetensors.numpy import save as to_safetensors

from bnparity.backends import OUTPUT_LIKE, Array, Format, Limits, format_of, lead, reach
from bnparity.cases import Case, Inputs, declaration
from bnparity.judging import (
    TIGHT,
    CaseResult,
    arithmetic_of,
    error_bounds,
    expected,
    half_ulp,
    overflow_of,
    rounds_once,
    settings_of,
)
from bnparity.results.document import dump, replace
from bnparity.results.findings import Finding
from bnparity.results.repro.accused import Accused
from bnparity.results.repro.readme import one_line, readme
from bnparity.results.repro.script import FRAMEWORKS, script
from bnparity.results.repro.showing import show

SCHEMA = "bnparity-finding/1"

#: Calls in which a backend that is not always the same may show it.
_TIMES = 100

#: What of a finding its summary has as results have it.
_KEPT = ("id", "output", "outputs", "kind", "codes", "ratio", "case", "count", "cases", "worst")

#: What each fault comes instead of.
_EXPECTED = {
    "error": "an answer, and nothing raised",
    "crash": "an answer, from a process that lives on",
    "hang": "an answer, within the limit",
    "contract": "an answer: each output an array in the shape and dtype of what it belongs to",
    "mutation": "an answer, and its inputs as they were",
    "nondeterminism": "an answer, with the same bits for equal inputs",
}


def write_folder(folder: Path, finding: Finding, accused: Accused) -> None:
    """Write `finding` to `folder`; a link there is replaced, not followed.

    ``finding.json`` and ``repro.py`` come last: where they are, what they speak of is whole.
    """
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("finding.json", "repro.py"):
        (folder / name).unlink(missing_ok=True)
    for name, data in contents(finding, accused).items():
        replace(folder / name, data)


def contents(finding: Finding, accused: Accused) -> dict[str, bytes]:
    """Return the files of a finding's folder, in the order in which to write them."""
    case_result = finding.case_result
    assert case_result is not None, finding
    case, dialect = case_result.case, declaration(accused.dialect).dialect
    arithmetic = arithmetic_of(dialect, format_of(case.dtype))
    exact = expected(case, case_result.inputs, dialect)
    right = {name: a for name in case_result.asked if (a := getattr(exact, name)) is not None}
    inputs, calls = _calls(case_result)
    about = _about(finding, accused, case) | {"calls": calls}
    if case_result.fault is not None:
        about |= _of_fault(finding.kind, case, accused.limits)
    else:
        storage = _storage(case_result.inputs, finding.output)
        overflow = overflow_of(storage, arithmetic)
        about["limits"] = {"tiny": storage.tiny, "overflow": overflow, "tight": TIGHT}
    return {
        "inputs.safetensors": _stored(inputs),
        "expected.safetensors": _stored(right),
        "got.safetensors": _stored(case_result.outputs),
        "bound.safetensors": _stored(_bounds(case_result, exact, dialect, arithmetic)),
        "README.txt": readme(finding, accused, _EXPECTED.get(finding.kind, "")).encode(),
        "show.py": show(finding, accused).encode(),
        "repro.py": script(accused.name.framework, about, adapted=accused.adapted).encode(),
        "finding.json": dump(_summary(finding, accused)).encode(),
    }


def _about(finding: Finding, accused: Accused, case: Case) -> dict[str, Any]:
    """Return what every script is told of its finding."""
    of_layers = accused.name.framework in FRAMEWORKS and not accused.adapted
    return {
        "text": one_line(finding.text),
        "backend": one_line(accused.shown),
        "target": "" if of_layers else accused.target,
        "variant": accused.name.variant,
        "threads": case.threads,
        "writes": finding.kind == "mutation",
        "reused": case.reused,
        "output": finding.output,
    }


def _summary(finding: Finding, accused: Accused) -> dict[str, Any]:
    shown = finding.to_json()
    return {
        "schema": SCHEMA,
        "backend": accused.shown,
        **{key: getattr(accused, key) for key in ("version", "device", "dialect", "software")},
        **{key: shown[key] for key in _KEPT},
        "text": one_line(finding.text),
        "traceback": _lines(finding.traceback),
        "printed": _lines(finding.printed),
    }


def _lines(text: str) -> str:
    return "\n".join(map(one_line, text.splitlines()))


def _of_fault(kind: str, case: Case, limits: Limits) -> dict[str, Any]:
    """Return what the script of a fault is told beside what every script is told."""
    return {
        "expected": _EXPECTED[kind],
        "like": OUTPUT_LIKE,
        "times": _TIMES if kind == "nondeterminism" else case.calls,
        "seconds": limits.seconds,
        "memory": limits.memory,
    }


def _calls(case_result: CaseResult) -> tuple[dict[str, Array], list[dict[str, Any]]]:
    """Return the arguments of all calls by key, and how each call takes them."""
    stored: dict[str, Array] = {}
    calls = []
    last = (case_result.inputs, settings_of(case_result.case))
    for place, (inputs, settings) in enumerate((*case_result.before, last), start=1):
        prefix = f"before{place}." if place <= len(case_result.before) else ""
        given = {name: array for name, array in vars(inputs).items() if array is not None}
        stored |= {prefix + name: array for name, array in given.items()}
        call = {name: getattr(settings, name) for name in ("training", "momentum", "eps")}
        arrays = {name: _kept(prefix + name, given.get(name)) for name in vars(inputs)}
        calls.append({**call, "arrays": arrays})
    return stored, calls


def _kept(key: str, array: Array | None) -> dict[str, Any] | None:
    """Return how an array lies in memory, and the key by which its elements are stored."""
    if array is None:
        return None
    below = reach(array)[0] if array.size else 0
    return {"key": key, "strides": array.strides, "lead": lead(array, below)}


def _storage(inputs: Inputs, output: str) -> Format:
    """Return the format of an output: that of what it belongs to."""
    return format_of(getattr(inputs, OUTPUT_LIKE[output]).dtype.name)


def _bounds(
    case_result: CaseResult, exact: Exact, dialect: Dialect, arithmetic: Format
) -> dict[str, Array]:
    """Return the bound of each output at a ratio of 1, and what goes with it."""
    tight = error_bounds(exact, dialect=dialect, arithmetic=arithmetic, growth=1)
    any_order = error_bounds(
        exact, dialect=dialect, arithmetic=arithmetic, updating=case_result.updating
    )
    found: dict[str, Array] = {}
    for name in case_result.asked:
        bound, more = tight.get(name), any_order.get(name)
        if bound is None or more is None:
            continue
        storage = _storage(case_result.inputs, name)
        found |= {name: bound, f"{name}.any_order": more}
        if rounds_once(storage, arithmetic):
            found[f"{name}.rounding"] = half_ulp(np.abs(getattr(exact, name)), storage)
    return found


def _stored(arrays: Mapping[str, Array]) -> bytes:
    """Return a safetensors file; its writer takes elements as they lie in memory."""
    return bytes(to_safetensors({k: np.ascontiguousarray(a) for k, a in arrays.items()}))
