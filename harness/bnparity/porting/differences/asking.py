"""What is installed, asked in the interpreter that has it; each interpreter is started once."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.backends import interpreter_of
from bnparity.porting.differences.side import Side

#: Seconds in which a framework has to be imported and its example to be run.
_LONGEST = 300.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen of a side where it is installed; ``refused`` says why nothing was.

    Parameters have a default as it is written, nothing if there is none.
    """

    version: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    printed: str = ""
    arrays: Mapping[str, NDArray[Any]]
    refused: str = ""


def seen(sides: Sequence[Side]) -> dict[Side, Seen]:
    """Return what is seen of each side that has a constructor."""
    answers: dict[Side, Seen] = {}
    named = [side for side in sides if side.constructor is not None]
    interpreters = {side: interpreter_of(side.framework) for side in named}
    for interpreter in dict.fromkeys(interpreters.values()):
        asked = [side for side in named if interpreters[side] == interpreter]
        answers.update(zip(asked, _answers(interpreter, asked), strict=True))
    return answers


def _answers(interpreter: str, sides: Sequence[Side]) -> list[Seen]:
    jobs = [{"path": side.title, "example": side.example} for side in sides]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.json"
        refused = _run(interpreter, json.dumps(jobs), file)
        if not refused:
            return [_seen(answer) for answer in json.loads(file.read_text(encoding="utf-8"))]
    return [Seen(arrays={}, refused=refused) for _ in sides]


def _run(interpreter: str, jobs: str, file: Path) -> str:
    """Have jobs answered in a file; return why there is none, nothing if there is."""
    try:
        done = subprocess.run(
            [interpreter, "-P", Path(__file__).with_name("probe.py"), file],
            input=jobs,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST,
            env={"KERAS_BACKEND": "jax", **os.environ, "JAX_PLATFORMS": "cpu"},
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_LONGEST:g} seconds"
    except OSError as error:
        return f"{interpreter} cannot be started: {error.strerror}"
    # Some frameworks end their process badly when all is answered.
    return "" if file.is_file() else f"its process ended with {done.returncode}"


def _seen(answer: Mapping[str, Any]) -> Seen:
    if "refused" in answer:
        return Seen(arrays={}, refused=answer["refused"])
    return Seen(
        version=answer["version"],
        parameters=tuple((name, default) for name, default in answer["parameters"]),
        printed=answer["printed"],
        arrays={name: np.array(a, np.float32) for name, a in answer["arrays"].items()},
    )
