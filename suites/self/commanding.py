"""The command line as a user has it, and kernels to give it."""

import signal
import subprocess
import sys
from pathlib import Path

RIGHT = """
from bnparity.kernels.numpy_kernel import batch_norm
"""
ODD = """
def ranks(*args, **kwargs): ...
def outputs(*args, **kwargs): ...
def dtypes(*args, **kwargs): ...
def dialect(*args, **kwargs): ...
def accumulation(*args, **kwargs): ...
ranks.ranks = (1, 2)
outputs.outputs = ("outptu",)
dtypes.dtypes = ("float31",)
dialect.dialect = "torhc"
accumulation.accumulation = "kahan"
"""
ONE_FORMAT = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, **kwargs):
    return numpy_kernel.batch_norm(*args, **kwargs)
"""
WRONG = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, momentum, **kwargs):
    other_way_round = None if momentum is None else 1 - momentum
    return numpy_kernel.batch_norm(*args, momentum=other_way_round, **kwargs)
"""
DEMANDING = """
import os

import numpy as np
from right import batch_norm as right

def dying(x, *args, training, **kwargs):
    if training and len(x) > 3:
        os._exit(3)
    return right(x, *args, training=training, **kwargs)

def hungry(x, *args, **kwargs):
    if len(x) > 3:
        np.ones(1 << 28)
    return right(x, *args, **kwargs)
"""
NULL = """
{"schema": "bnparity-finding/1", "backend": "right.py:batch_norm", "dialect": "mindspore",
 "case": {"shape": [2, 1], "momentum": null}}
"""


def bnparity(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command in `cwd`."""
    command = [sys.executable, "-m", "bnparity", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def heed_interrupts() -> None:
    """Undo, in a child before its program begins, what a shell in the background hands on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
