"""``repro.py``: a script that shows one finding with NumPy and the framework alone.

Its text is a fixed head, what the finding is about as one literal, and functions of this package
copied as they stand. Whatever comes from a backend, a name or a message, is in the literal: nothing
that it says is ever code.
"""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from pprint import pformat
from types import FunctionType, ModuleType
from typing import Any

from bnparity.backends import (
    describe,
    frame_in_words,
    frames_of_exception,
    is_of_program,
    is_own,
    kind_of,
    limit_memory,
    name_of_signal,
    read_only,
)
from bnparity.judging import ratios, same_bits
from bnparity.results.repro import (
    asking,
    faults,
    judging,
    of_adapted,
    of_function,
    of_mindspore,
    of_torch,
)

#: The frameworks whose layers a script uses itself; all others are functions to import.
FRAMEWORKS = {"torch": of_torch, "torch-cuda": of_torch, "mindspore": of_mindspore}

#: What the script of a fault has of other rooms.
_OF_FAULTS = (
    *(describe, frames_of_exception, is_of_program, is_own, frame_in_words),
    *(kind_of, same_bits, name_of_signal, limit_memory),
)

#: What the functions of a script may need; it imports those that its text names.
_IMPORTS = """
import importlib
import importlib.util
import json
import linecache
import os
import platform
import resource
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
""".strip().splitlines()

_HEAD = """\"\"\"A finding of bnparity's; it takes NumPy and {needed}:
python repro.py{argument}

Exits 1 while {what} is there, 0 when it is gone, 2 if nothing could be asked.
The arrays are in the files beside this script; FINDING says what is asked, and what was found.
\"\"\"

from __future__ import annotations

{imports}

import numpy as np

Array = np.ndarray

FINDING = {finding}


"""

_FOOT = """

if __name__ == "__main__":
    sys.exit(main(FINDING, Path(__file__).resolve().parent, opened))
"""


def script(base: str, finding: Mapping[str, Any], *, adapted: bool = False) -> str:
    """Return the text of a script about the backend `base`, named without its variant.

    `finding` is plain JSON: what the functions of the script read. One that is `adapted` is made
    callable by bnparity, which the script needs then.
    """
    of_backend = of_adapted if adapted else FRAMEWORKS.get(base, of_function)
    is_file = finding["target"].rpartition(":")[0].endswith(".py")
    deviates = "limits" in finding
    parts: list[Callable[..., Any]] = [*functions(of_backend), *functions(asking)]
    parts += [read_only] if of_backend is of_function else []
    parts += [ratios] if deviates else _OF_FAULTS
    parts += functions(judging if deviates else faults)
    # Through JSON, so that every value is of a type whose repr is a literal.
    plain = json.loads(json.dumps(finding, allow_nan=False))
    body = "\n\n".join(inspect.getsource(part) for part in parts).rstrip("\n") + "\n" + _FOOT
    head = _HEAD.format(
        needed=_needed(base, adapted=adapted),
        argument=" [path/to/file.py]" if is_file else "",
        what="the deviation" if deviates else "the fault",
        imports="\n".join(line for line in _IMPORTS if _is_named(line, body)),
        finding=pformat(plain, width=96, sort_dicts=False),
    )
    return head + body


def _needed(base: str, *, adapted: bool) -> str:
    if adapted:
        return "the layer, and bnparity, which calls it"
    return base.partition("-")[0] if base in FRAMEWORKS else "the function alone"


def _is_named(statement: str, text: str) -> bool:
    """Return whether `text` names something of what an import statement imports."""
    names = statement.partition("import ")[2].split(", ")
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def functions(module: ModuleType) -> list[FunctionType]:
    """Return the functions that `module` defines, in their order."""
    return [
        value
        for value in vars(module).values()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
