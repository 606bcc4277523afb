"""An installer at work, which takes minutes: what it is at is told until it has ended."""

import subprocess
from collections.abc import Callable, Sequence
from subprocess import PIPE, STDOUT, CompletedProcess, Popen, TimeoutExpired
from threading import Thread
from typing import IO, TypeAlias

#: Told what an installer is at, in its own words.
Tell: TypeAlias = Callable[[str], None]

#: Seconds between two looks at what an installer has said.
_INTERVAL = 0.5


def run_installer(command: Sequence[str], tell: Tell) -> CompletedProcess[str]:
    """Run `command` to its end; return its exit code and all that it said, as ``stdout``.

    What it said last is told again and again: nobody else sees whether it is still at work.
    """
    said: list[str] = []
    with Popen(
        command, stdin=subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT, text=True, errors="replace"
    ) as installer:
        assert installer.stdout is not None
        reader = Thread(target=_note, args=(installer.stdout, said), daemon=True)
        reader.start()
        try:
            while _works(installer):
                tell(_last(said))
        except BaseException:
            installer.kill()
            raise
        reader.join()
    return CompletedProcess(command, installer.returncode, "".join(said))


def _works(installer: Popen[str]) -> bool:
    try:
        installer.wait(_INTERVAL)
    except TimeoutExpired:
        return True
    return False


def _note(stream: IO[str], said: list[str]) -> None:
    for line in stream:
        said.append(line)  # noqa: PERF402 - another thread looks at it meanwhile


def _last(said: Sequence[str]) -> str:
    return next((line.strip() for line in reversed(said) if line.strip()), "")
