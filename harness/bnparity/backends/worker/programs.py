"""Where PyTorch keeps what it compiles: a folder that no other process writes to meanwhile.

A process that is killed while it compiles leaves libraries cut short, which every later one would
load and fail. So what was written during a call that did not end is removed before the next one.
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

#: Names the folder to PyTorch, which asks when it first compiles.
VARIABLE = "TORCHINDUCTOR_CACHE_DIR"
#: How many processes may have a folder of their own at the same time.
_MOST = 256
#: A clock of a file system may be so many nanoseconds behind.
_BEHIND = 10**9


class Programs:
    """A folder of programs, held until this process ends; or none, where PyTorch has its own."""

    def __init__(self) -> None:
        self._lock: int | None = None

    def take(self, environ: MutableMapping[str, str]) -> None:
        """Take a folder that nobody holds, if PyTorch is there and has not been told of one."""
        if "torch" not in sys.modules or VARIABLE in environ:
            return
        with suppress(OSError):  # where nothing can be written PyTorch has words of its own for it
            home = _home()
            for number in range(_MOST):
                folder = home / f"{number}"
                if (lock := _locked(home / f"{number}.lock")) is not None:
                    folder.mkdir(exist_ok=True)
                    _mend(folder, lock)
                    self._lock, environ[VARIABLE] = lock, str(folder)
                    return

    @contextmanager
    def written(self) -> Iterator[None]:
        """Note that programs may be written; what is not left in order is removed later."""
        self._note(b"a call")
        yield
        self._note(b"")

    def _note(self, what: bytes) -> None:
        if self._lock is not None:
            with suppress(OSError):  # a backend may have closed it
                os.ftruncate(self._lock, 0)
                os.pwrite(self._lock, what, 0)


def _home() -> Path:
    """Return the folder of folders, which is this user's."""
    home = Path(tempfile.gettempdir()) / f"bnparity-torch-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise PermissionError(f"{home} is somebody else's")
    return home


def _locked(path: Path) -> int | None:
    """Return the descriptor of a file that this process alone holds; None if another does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _mend(folder: Path, lock: int) -> None:
    """Remove what was written since a call began that did not end."""
    noted = os.fstat(lock)
    if not noted.st_size:
        return
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mtime_ns >= noted.st_mtime_ns - _BEHIND:
            path.unlink()
    os.ftruncate(lock, 0)
