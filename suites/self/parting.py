"""A network of another framework's beside the one of PyTorch that it is ported from."""

import subprocess
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.environments import interpreter_of, made_environments
from bnparity.cli import run_command
from bnparity.sessions.parity.watching import record

AUTHORED = Path(__file__).with_name("authored")


def recorded_there(
    framework: str, environment: str, checkpoint: str, script: str, folder: Path
) -> None:
    """Have a script record its networks into folders, given PyTorch's data and its ported state."""
    torch, torch_model = import_module("torch"), import_module("authored.torch_model")
    if environment not in made_environments():
        pytest.skip(f"{framework} is not installed")
    np.save(folder / "x.npy", torch_model.data())
    torch.save(torch_model.net().state_dict(), folder / "net.pt")
    words = ["port", str(folder / "net.pt"), "--to", framework, "-o", str(folder / checkpoint)]
    assert run_command(words) == 0
    command: Sequence[str] = [interpreter_of(framework), str(AUTHORED / script), record.__file__]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
