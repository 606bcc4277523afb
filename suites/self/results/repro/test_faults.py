"""The scripts of faults: what a hostile backend did next to the harness it does again alone."""

from pathlib import Path

import pytest
from bnparity.backends.names import parse
from bnparity.backends.open import opened
from bnparity.backends.worker.limits import Limits
from bnparity.cases.case import Case, Step
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import run_case
from bnparity.results.repro.folder import write_folder
from reproducing import accused, finding_of, printed, run_script

LIMITS = Limits(seconds=2, memory=1 << 29)
HOSTILE = Path(__file__).parents[2] / "backends/worker/hostile.py"

#: What each backend that misbehaves is caught at, and a part of what its script says.
FAULTS = {
    "raising": ("error", "it raised ZeroDivisionError: by x"),
    "exiting": ("error", "it raised SystemExit: enough"),
    "unprintable": ("error", "it raised _Unprintable"),
    "eating": ("error", "it raised"),
    "overflowing": ("error", "it raised RecursionError"),
    "killed": ("crash", "the process was killed by SIGSEGV"),
    "aborting": ("crash", "the process was killed by SIGABRT"),
    "killing_itself": ("crash", "the process was killed by SIGKILL"),
    "leaving": ("crash", "the process exited with code 0"),
    "interrupted": ("crash", "the process"),
    "stuck": ("hang", "no answer after 2 s"),
    "deaf": ("hang", "no answer after 2 s"),
    "deadlocked": ("hang", "no answer after 2 s"),
    "writing": ("mutation", "the call wrote to its input x"),
    "nothing": ("contract", "it returned NoneType instead of a mapping"),
    "lists": ("contract", "output is list, expected float32 array of shape (2, 1)"),
    "misshapen": ("contract", "output is float32 array of shape (2, 1, 1)"),
    "widened": ("contract", "output is float64 array"),
    "objects": ("contract", "output is object array"),
    "swapped": ("contract", "output is float32 array"),
    "masked": ("contract", "output is MaskedArray"),
    "sly": ("contract", "its mapping raised ZeroDivisionError"),
    "forking": ("contract", "the call forked, and returned twice"),
}

VARYING = """
import numpy as np
calls = [0]
def batch_norm(x, *args, **kwargs):
    calls[0] += 1
    if calls[0] == 3 and kwargs["eps"] == 0.5:
        raise ValueError("the third call")
    return {"output": np.full_like(x, calls[0])}
"""


def written(folder: Path, name: str, case: Case) -> str:
    """Write the finding that the backend `name` is at fault in `case`; return its kind."""
    with opened(parse(name), limits=LIMITS) as backend:
        assert backend.ask is not None
        case_result = run_case(backend.ask, case, declaration("torch").dialect)
    assert case_result.fault is not None
    write_folder(folder, finding_of(case_result), accused(parse(name), limits=LIMITS))
    return case_result.fault.kind


@pytest.mark.parametrize("backend", FAULTS)
def test_script_of_a_fault_shows_it(tmp_path: Path, backend: str) -> None:
    """It lives through whatever the backend does, says what to expect, and exits 1."""
    kind, said = FAULTS[backend]
    assert written(tmp_path / "f", f"{HOSTILE}:{backend}", Case(gradient=False)) == kind
    done = run_script(tmp_path / "f/repro.py", HOSTILE)
    assert done.returncode == 1, done
    told = printed(done.stdout)
    assert told["expected"].startswith("an answer")
    assert told["got"].startswith(said.partition(" (")[0])


def test_script_of_a_fault_exits_0_when_it_is_gone(tmp_path: Path) -> None:
    """A backend that prints garbage and answers is not at fault."""
    written(tmp_path / "f", f"{HOSTILE}:raising", Case(gradient=False))
    mended = tmp_path / "mended.py"
    mended.write_text("import numpy as np\ndef raising(x, *a, **k): return {'output': x.copy()}")
    done = run_script(tmp_path / "f/repro.py", mended)
    assert done.returncode == 0, done
    assert "The fault is gone." in done.stdout


def test_script_of_a_fault_without_its_file_exits_2(tmp_path: Path) -> None:
    """Where nothing can be asked, nothing is said of the fault."""
    written(tmp_path / "f", f"{HOSTILE}:raising", Case(gradient=False))
    done = run_script(tmp_path / "f/repro.py", tmp_path / "nowhere.py")
    assert done.returncode == 2, done
    assert "path/to/file.py" in done.stdout


def test_script_makes_as_many_calls_as_the_harness(tmp_path: Path) -> None:
    """A fault of the second equal call, after one call of a history, comes in the third."""
    (tmp_path / "varying.py").write_text(VARYING)
    history = (Step(training=True, batch=2),)
    case = Case(gradient=False, eps=0.5, calls=2, history=history)
    assert written(tmp_path / "f", f"{tmp_path / 'varying.py'}:batch_norm", case) == "error"
    done = run_script(tmp_path / "f/repro.py", tmp_path / "varying.py")
    assert done.returncode == 1, done
    assert printed(done.stdout)["got"] == "it raised ValueError: the third call"


def test_script_of_nondeterminism_compares_calls(tmp_path: Path) -> None:
    """Two calls with equal inputs differ there, too."""
    (tmp_path / "varying.py").write_text(VARYING)
    case = Case(gradient=False, calls=2)
    kind = written(tmp_path / "f", f"{tmp_path / 'varying.py'}:batch_norm", case)
    assert kind == "nondeterminism"
    done = run_script(tmp_path / "f/repro.py", tmp_path / "varying.py")
    assert done.returncode == 1, done
    told = "output is not the same in 100 calls with equal inputs: 99 differ from the first"
    assert printed(done.stdout)["got"] == told
