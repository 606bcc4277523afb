"""What tests of findings share: findings made by hand, and scripts run where bnparity is not."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bnparity.backends.call import Ask
from bnparity.backends.names import Name, parse
from bnparity.backends.worker.limits import Limits
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.results.findings import Finding
from bnparity.results.repro.folder import Accused, write_folder

#: Packages that a script has to do without.
OURS = ("bnparity", "bnparity_reference")
ABSENT = (*OURS, "safetensors", "ml_dtypes")

#: A kernel whose momentum is the wrong way round, and one that is right.
KERNEL = """
import numpy as np

def batch_norm(x, weight, bias, running_mean, running_var, *, training, momentum, eps,
               grad_output=None):
    axes, column = (0, *range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2)
    n = x.size // x.shape[1]
    mean, var = running_mean, running_var
    wide = x.astype(np.float64)
    if training or running_mean is None:
        mean, var = wide.mean(axes), wide.var(axes)
    if training and running_mean is not None:
        share = {share}
        running_mean = ((1 - share) * running_mean + share * mean).astype(running_mean.dtype)
        unbiased = var * n / (n - 1)
        running_var = ((1 - share) * running_var + share * unbiased).astype(running_var.dtype)
    a = (1 if weight is None else weight.astype(np.float64)) / np.sqrt(var + eps)
    y = (wide - mean.reshape(column)) * a.reshape(column)
    y = y + (0 if bias is None else bias.astype(np.float64).reshape(column))
    return {{"output": y.astype(x.dtype), "running_mean": running_mean, "running_var": running_var}}

batch_norm.outputs = ("output", "running_mean", "running_var")
"""
WRONG = KERNEL.format(share="1 - (1.0 if momentum is None else momentum)")
#: Nothing but the momentum's meaning is wrong in it.
OLD_MOMENTUM = KERNEL.format(share="1.0 if momentum is None else 1 - momentum")
RIGHT = KERNEL.format(share="1.0 if momentum is None else momentum")


def accused(name: Name, dialect: str = "torch", limits: Limits | None = None) -> Accused:
    """Return whose finding it is."""
    return Accused(
        name=name,
        version="1.0",
        device="cpu",
        dialect=dialect,
        limits=limits or Limits(),
    )


def finding_of(case_result: CaseResult, output: str = "") -> Finding:
    """Return the finding that `output` deviates, or of the fault if there is one."""
    fault = case_result.fault
    return Finding(
        id="924e4298a0",
        output=output,
        kind="semantics" if fault is None else fault.kind,
        codes=(),
        text=f"{output} deviates" if fault is None else fault.text,
        ratio=None,
        case=case_result.case,
        count=1,
        case_result=case_result,
    )


def reproduced(
    folder: Path, ask: Ask, case: Case, backend: str, *, output: str, dialect: str = "torch"
) -> CaseResult:
    """Examine `case`, and write the folder of what is found in `output`."""
    case_result = run_case(ask, case, declaration(dialect).dialect)
    write_folder(folder, finding_of(case_result, output), accused(parse(backend), dialect))
    return case_result


def bare(folder: Path, absent: Sequence[str] = ABSENT) -> dict[str, str]:
    """Return an environment in which no package of `absent` can be imported."""
    lines = ["import sys", *(f"sys.modules[{name!r}] = None" for name in absent)]
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text("\n".join(lines))
    kept = {key: value for key, value in os.environ.items() if key in ("HOME", "OMP_NUM_THREADS")}
    return {**kept, "PATH": os.defpath, "PYTHONPATH": str(folder)}


def run_script(
    script: Path,
    *arguments: object,
    interpreter: str = sys.executable,
    absent: Sequence[str] = ABSENT,
) -> "subprocess.CompletedProcess[str]":
    """Run a script as somebody without bnparity would."""
    environment = bare(script.parents[1] / "bare", absent)
    for name in absent:
        import_it = [interpreter, "-c", f"import {name}"]
        done = subprocess.run(import_it, env=environment, capture_output=True, check=False)
        assert done.returncode == 1, name
    return subprocess.run(
        [interpreter, str(script), *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def printed(text: str) -> dict[str, str]:
    """Return what a script prints after a word and a colon."""
    lines = [line.partition(": ") for line in text.splitlines()]
    return {word: rest.partition(" (")[0] for word, colon, rest in lines if colon}


def agrees(text: str, case_result: CaseResult, output: str) -> bool:
    """Return whether a script printed what the harness has of the worst element, to the bit."""
    check = next(check for check in case_result.checks if check.output == output)
    told = printed(text)
    return (told["expected"], told["got"], told["ratio"]) == (
        repr(check.expected),
        repr(check.got),
        repr(check.ratio),
    )
