"""Ctrl-C before there is a command: while the modules that commands are made of are imported."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commanding import heed_interrupts

#: What takes an interrupt for a module that is missing, as some libraries do, and takes long.
SLOW = """
import sys, time
try:
    print("importing", file=sys.stderr, flush=True)
    time.sleep(60)
except BaseException:
    raise ImportError("no such thing") from None
"""


@pytest.mark.parametrize("module", ["typing", "typer", "hypothesis"])
def test_interrupt_while_importing_is_one_line(module: str, tmp_path: Path) -> None:
    """And the exit code is that of any command that is interrupted.

    It is heard before the first module that takes long, and while those of a command are imported.
    """
    (tmp_path / f"{module}.py").write_text(SLOW)
    with subprocess.Popen(
        [sys.executable, "-m", "bnparity", "backends"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # no thread is there yet
    ) as command:
        assert command.stderr is not None
        command.stderr.readline()
        command.send_signal(signal.SIGINT)
        _, said = command.communicate()
    assert said == "bnparity: interrupted\n"
    assert command.returncode == 130
