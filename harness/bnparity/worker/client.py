"""The parent's side of a worker: start it, ask it, and outlive whatever it does."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity.call import Fault, Reply, Settings
from bnparity.mistakes import Mistake
from bnparity.worker import wire

#: Seconds that a worker may take to import its framework.
STARTUP_SECONDS = 120.0
#: Seconds that one call may take unless the user says otherwise.
CALL_SECONDS = 10.0

_Answer: TypeAlias = tuple[dict[str, Any], dict[str, NDArray[Any] | None]]

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


@dataclass(kw_only=True)
class Worker:
    """A backend in a process of its own, started when it is first asked.

    Parameters
    ----------
    target, variant
        What to load, as `bnparity.backends.load.load_target` takes it.
    interpreter
        The Python to run.
    seconds
        Time limit of one call.
    """

    target: str
    variant: str
    interpreter: str
    seconds: float = CALL_SECONDS
    _process: "subprocess.Popen[bytes] | None" = None
    _channel: socket.socket | None = None
    _noise: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> dict[str, Any]:
        """Start the process; return its capabilities and version, or why it is unavailable.

        Raises
        ------
        Mistake
            If the target is not a backend.
        """
        self.stop()
        ours, theirs = socket.socketpair()
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115  # closed by stop
        with theirs:
            try:
                self._process = self._spawn(theirs.fileno())
            except OSError as error:
                ours.close()
                self.stop()
                return {"reason": f"{self.interpreter} cannot be run: {error.strerror}"}
        self._channel = ours
        try:
            fields, _ = wire.receive(ours, seconds=STARTUP_SECONDS)
        except (wire.Closed, TimeoutError):
            reason = f"its worker did not start: {self._last_words()}"
            self.stop()
            return {"reason": reason}
        if "mistake" in fields:
            self.stop()
            raise Mistake(fields["mistake"])
        return fields

    def ask(self, arrays: Mapping[str, NDArray[Any] | None], settings: Settings) -> Reply:
        """Return the backend's reply to one call; a dead or stuck worker is a fault of it."""
        if self._channel is None:
            facts = self.start()
            if self._channel is None:
                return _fault("crash", f"it cannot be started again: {facts['reason']}")
        answer = self._exchange(vars(settings), arrays)
        if isinstance(answer, Fault):
            return Reply(outputs={}, fault=answer)
        fields, outputs = answer
        if fields["fault"] is not None:
            return _fault(**fields["fault"])
        return Reply(
            outputs={k: np.asarray(v) for k, v in outputs.items() if v is not None},
            borrowed=fields["borrowed"],
        )

    def perform(
        self, request: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | None]
    ) -> tuple[dict[str, Any], dict[str, NDArray[Any] | None]]:
        """Return the answer to an act upon a layer; see `bnparity.drivers.acts`.

        A worker that died or got stuck has raised a ``crash`` or a ``hang``; its layers are gone
        with it, and it is not started again.
        """
        answer: _Answer | Fault = Fault(kind="crash", text="the process is gone")
        if self._channel is not None:
            answer = self._exchange(request, arrays)
        if isinstance(answer, Fault):
            return {"raised": {"type": answer.kind, "message": answer.text}, "value": None}, {}
        return answer

    def _exchange(
        self, request: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | None]
    ) -> "_Answer | Fault":
        """Return the answer to a request, or what became of the process instead."""
        assert self._channel is not None
        try:
            self._channel.settimeout(self.seconds)
            wire.send(self._channel, request, arrays)
            return wire.receive(self._channel, seconds=self.seconds)
        except wire.Closed:
            return self._gone()
        except TimeoutError:
            self.stop()
            return Fault(kind="hang", text=f"no answer after {self.seconds:g} s")

    def stop(self) -> None:
        """End the process, and whatever it has spawned."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._noise is not None:
            self._noise.close()
        self._process = self._channel = self._noise = None

    def _spawn(self, descriptor: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [self.interpreter, str(_BOOTSTRAP), str(descriptor), self.target, self.variant],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=self._noise,
            stderr=self._noise,
            start_new_session=True,  # so that what it spawned can be ended with it
        )

    def _gone(self) -> Fault:
        assert self._process is not None
        code = self._process.wait()
        how = f"exited with code {code}"
        if code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        text = f"the process {how}: {self._last_words()}"
        self.stop()
        return Fault(kind="crash", text=text)

    def _last_words(self) -> str:
        """Return the last line that the process printed."""
        assert self._noise is not None
        self._noise.seek(0, os.SEEK_END)
        self._noise.seek(max(0, self._noise.tell() - 4096))
        lines = self._noise.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"


def _fault(kind: Any, text: str) -> Reply:
    return Reply(outputs={}, fault=Fault(kind=kind, text=text))
