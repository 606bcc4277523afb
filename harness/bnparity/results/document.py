"""results.json: what a session leaves behind, and how it is read back.

The schema is `results.schema.json` beside this file, published as JSON Schema. A ratio or an
error without bound is written as the largest double, so that the file stays plain JSON.
"""

import json
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from bnparity import __version__
from bnparity.backends import UsageError
from bnparity.results.across import across
from bnparity.results.judgement import Judgement
from bnparity.results.sizes import sizes_to_json

Document: TypeAlias = dict[str, Any]
#: One of its backends.
Backend: TypeAlias = dict[str, Any]

SCHEMA = "bnparity-results/1"

#: The most that is read of a file of results: somebody else's may be anything.
MOST_BYTES = 2**28

#: What claims are about, by the convention that they are statements of: the ends of their ids.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "momentum": ("momentum-function", "relation"),
    "eps": ("eps-range",),
    "weight": ("affine",),
    "bias": ("affine",),
    "train_statistics": ("true-true", "true", "none"),
    "eval_statistics": ("false-true", "false"),
    "running_update": ("true-true", "false-true", "true", "false", "update"),
}


def to_document(
    judgements: Sequence[Judgement], *, seed: int, seconds: float, command: str
) -> Document:
    """Return the results of a session as plain JSON."""
    return {
        "schema": SCHEMA,
        "run": {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": seed,
            "duration_s": round(seconds, 3),
            "command": command,
            "bnparity": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cpu": _cpu(),
            "numpy": np.__version__,
        },
        "backends": [_backend(judgement) for judgement in judgements],
        "cases": across({judged.name: judged.totals.answered for judged in judgements}),
    }


def read(path: Path) -> Document:
    """Return the results in the file at `path`.

    Raises
    ------
    UsageError
        If there is no such file, or if it holds no results.
    """
    import jsonschema  # takes long, and most commands read no results

    document = read_json(path)
    schema = json.loads(files("bnparity.results").joinpath("results.schema.json").read_text())
    try:
        jsonschema.validate(document, schema)
    except jsonschema.ValidationError as error:
        where = "/".join(map(str, error.absolute_path)) or "its top level"
        raise UsageError(
            f"{str(path)!r} holds no results of the schema {SCHEMA}: at {where}, "
            f"{_shortened(error.message)}; make it anew with `bnparity run --json`"
        ) from error
    results: Document = document
    return results


def read_json(path: Path, most: int = MOST_BYTES) -> Any:
    """Return what the JSON file at `path` holds, which may have up to `most` bytes.

    Raises
    ------
    UsageError
        If it is no regular file, cannot be read, is larger, or holds no JSON.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{str(path)!r} is no regular file: give the path of one")
    try:
        if path.stat().st_size > most:
            raise UsageError(
                f"{str(path)!r} has more than {most} bytes: nothing of ours is so large"
            )
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{str(path)!r} cannot be read ({error.strerror}): give the path of a file that can"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{str(path)!r} is not whole JSON ({_shortened(str(error))}): make it anew"
        ) from error


def write(path: Path, text: str) -> None:
    """Write `text` to `path`, all of it or nothing; through a link, to what it points to."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, text.encode())


def replace(path: Path, data: bytes) -> None:
    """Put a file of `data` at `path`, all of it or nothing; a link there is replaced."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def dump(document: Any) -> str:
    """Return `document` as the text of a JSON file."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _backend(judgement: Judgement) -> Document:
    totals = judgement.totals
    of_backend = ("name", "version", "device", "software", "dialect", "interpreter")
    facts = (*of_backend, "status", "reason", "stopped")
    return {
        **{fact: getattr(judgement, fact) for fact in facts},
        "cases": totals.cases,
        "checks": totals.checks,
        "seconds": round(judgement.seconds, 3),
        "unsupported": dict(totals.unsupported),
        "not_asked": dict(judgement.not_asked),
        "sizes": sizes_to_json(totals.sizes),
        "outputs": {
            name: {**figures.to_json(), **_graded(judgement, name), **_loosest(judgement, name)}
            for name, figures in totals.outputs.items()
        },
        "cells": [
            {**cell._asdict(), "outputs": {name: f.to_json() for name, f in outputs.items()}}
            for cell, outputs in sorted(totals.cells.items())
        ],
        "findings": [finding.to_json() for finding in judgement.findings],
        "conventions": [
            {**vars(row), "outputs": list(row.outputs), "claims": _claims(row.field, judgement)}
            for row in judgement.conventions
        ],
        "answers": judgement.answers,
        "claims": [answer.to_json() for answer in judgement.claims],
        **({"compile_seconds": round(c, 3)} if (c := judgement.compile_seconds) else {}),
        **({"asked_again": judgement.again} if judgement.again else {}),
        **({"taken_for": judgement.taken_for} if judgement.taken_for else {}),
        **({"earlier": _earlier(judgement)} if judgement.earlier else {}),
        **({} if judgement.drift is None else {"drift": judgement.drift.to_json()}),
    }


def _earlier(judgement: Judgement) -> dict[str, int]:
    return {
        "asked": len(judgement.earlier),
        "failing": sum(earlier.fails for earlier in judgement.earlier),
    }


def _claims(field: str, judgement: Judgement) -> list[str]:
    """Return the ids of the claims about the convention `field`."""
    topics = TOPICS.get(field, ())
    ids = [(a.claim.id, f"-{a.claim.api}-") for a in judgement.claims]
    return [name for name, api in ids if name.partition(api)[2] in topics]


def _graded(judgement: Judgement, output: str) -> Document:
    """Return the grade of an output, and the measurements behind it; nothing without them."""
    found = judgement.accumulations.get(output)
    return {} if found is None else {"grade": found.grade, "accumulation": found.to_json()}


def _loosest(judgement: Judgement, output: str) -> Document:
    """Return the worst loose case of an output; nothing without one."""
    found = judgement.totals.loosest.get(output)
    return {} if found is None else {"worst_case": found.to_json()}


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _shortened(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 120 else line[:117] + "..."
