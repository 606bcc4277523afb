"""The parent's side of a worker: start it, ask it, and outlive whatever it does."""

import math
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bnparity.backends.call import Arrays, Fault, Reply, Settings
from bnparity.backends.compiling import with_variables_of_jax
from bnparity.backends.errors import UsageError
from bnparity.backends.worker.answers import compiling_in, opening_in, reply_in, sources_in
from bnparity.backends.worker.limits import LATE, LONGER, Limits
from bnparity.backends.worker.memory import Memory
from bnparity.backends.worker.noise import Noise
from bnparity.backends.worker.waiting import has_had, spent_by
from bnparity.backends.worker.wire import Channel, Closed, Message

#: Seconds that a worker may take to import its framework.
STARTUP_SECONDS = 120.0
#: The fewest seconds of a call whose end has come.
_SHORTEST = 1e-3
#: Seconds that a process may take to end when it has closed its side.
_END_SECONDS = 1.0
#: Seconds that the keeper of a worker may take to end it.
_KEEPER_SECONDS = 10.0

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


@dataclass(kw_only=True)
class Worker:
    """A backend in a process of its own, started when it is first asked.

    ``target`` and ``variant`` are what `bnparity.backends.load.load_target` loads there, and
    ``sources`` what its own files held: once one of them has changed, no call is answered.
    """

    target: str
    variant: str
    interpreter: str
    limits: Limits = field(default_factory=Limits)
    sources: dict[str, str] = field(default_factory=dict)
    _ends: float = math.inf
    _restarts: int = 0
    _process: "subprocess.Popen[bytes] | None" = None
    _channel: Channel | None = None
    _noise: Noise | None = field(default=None, repr=False)
    _unprepared: set[str] = field(default_factory=set, repr=False)
    _prepares: bool = True
    _failed: Fault | None = None
    _changed: Fault | None = None
    _printed: str = ""
    _seconds: float = 0.0
    _compiling: float = 0.0
    _compiled_before: float = 0.0

    @property
    def compile_seconds(self) -> float:
        """How long its compilers have taken, in all its processes; 0 if they do not say."""
        return self._compiled_before + self._compiling

    def end_by(self, end: float) -> None:
        """Let no call take longer than until the `time.monotonic` of `end`."""
        self._ends = end

    def start(self) -> dict[str, Any]:
        """Start the process; return its capabilities and version, or why it is unavailable.

        Raise UsageError if the target is not a backend.
        """
        self.stop()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._noise = Noise()  # which fails if a backend has removed the folder
                self._process = self._spawn(theirs.fileno(), self._noise.fileno())
            except OSError as error:
                ours.close()
                self.stop()
                return {"reason": f"{self.interpreter} cannot be run: {error}"}
        self._channel = Channel(ours, Memory())
        try:
            self._channel.limit(STARTUP_SECONDS)
            self._channel.ask({}, {})
            fields = opening_in(self._channel.receive()[0])
            self._seconds = self.limits.of_call(fields.get("capabilities", {}).get("compiles", ""))
            self._channel.limit(self._seconds)
        except (Closed, TimeoutError, AttributeError, TypeError, ValueError):
            reason = f"its worker did not start: {self._noise.last_line()}"
            self.stop()
            return {"reason": reason}
        if "usage_error" in fields:
            self.stop()
            raise UsageError(fields["usage_error"])
        self._note(fields["sources"])
        said = fields.get("capabilities", {})
        asked = self._prepares and said.get("prepares")
        self._unprepared = set(said["dtypes"]) if asked else set()
        return fields

    def ask(
        self, arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = lambda: None
    ) -> Reply:
        """Return the backend's reply to one call; a dead or stuck worker is a fault of it.

        While the worker is at it, this process does what is to be done `meanwhile`.
        """
        if self._channel is None and (fault := self._started_again()):
            return Reply(outputs={}, fault=fault)
        x = arrays["x"]
        if fault := self._failed or (None if x is None else self.prepare(x.dtype.name)):
            self._failed = None
            return Reply(outputs={}, fault=fault)
        most = LONGER * self._seconds if settings.patient else 0.0
        answer = self._exchange(vars(settings), arrays, meanwhile, most=most)
        if isinstance(answer, Fault):
            return Reply(outputs={}, fault=answer, printed=self._printed)
        try:
            reply = replace(reply_in(answer, arrays), printed=self._printed)
            self._note(sources_in(answer[0]))
            self._compiling = compiling_in(answer[0])
            if answer[0]["lost"] is True:  # its device: no later call would be answered there
                self.stop()
        except (AttributeError, KeyError, TypeError, ValueError):
            return Reply(outputs={}, fault=self._gone(), printed=self._printed)
        return Reply(outputs={}, fault=self._changed) if self._changed else reply

    def prepare(self, dtype: str) -> Fault | None:
        """Let a backend that compiles do so before the first call in a format, which is timed.

        Of one that fails at it the next call tells, and it is not asked to again.
        """
        if dtype not in self._unprepared or self._channel is None:
            return None
        self._unprepared.discard(dtype)
        self._channel.limit(STARTUP_SECONDS)
        answer = self._exchange({"prepare": dtype}, {}, most=STARTUP_SECONDS)
        if isinstance(answer, Fault):
            text = f"prepare({dtype!r}) took more than {STARTUP_SECONDS:g} s"
            self._failed = replace(answer, text=text) if answer.kind == "hang" else answer
            self._prepares = False
            return self._failed
        self._channel.limit(self._seconds)
        return None

    def remote(self, request: Mapping[str, Any], arrays: Arrays) -> Message:
        """Return the answer to a request about a layer; see `bnparity.backends.layer_api`.

        A worker that died or got stuck has raised a ``crash`` or a ``hang``; its layers are gone
        with it, and it is not started again.
        """
        answer: Message | Fault = Fault(kind="crash", text="the process is gone")
        if self._channel is not None:
            answer = self._exchange(request, arrays)
        if isinstance(answer, Fault):
            raised = "NotImplementedError" if answer is LATE else answer.kind
            return {"raised": {"type": raised, "message": answer.text}, "value": None}, {}
        return answer

    def _exchange(
        self,
        request: Mapping[str, Any],
        arrays: Arrays,
        meanwhile: Callable[[], object] = lambda: None,
        *,
        most: float = 0.0,
    ) -> Message | Fault:
        """Return the answer to a request, or what became of the process instead.

        It may work for `most` seconds, not counting waits for a processor, if that is later.
        """
        assert self._channel is not None
        assert self._noise is not None
        before = self._noise.size
        if (left := self._ends - time.monotonic()) < self._seconds:
            self._channel.limit(max(left, _SHORTEST))
        try:
            self._channel.ask(request, arrays)
            meanwhile()
            answer = self._received(most) if most else self._channel.receive()
        except Closed:
            self._printed = self._noise.since(before)
            return self._gone()
        except TimeoutError:
            self._printed = self._noise.since(before)
            if self._process is not None and self._process.poll() is not None:
                return self._gone()  # what it left behind holds its end of the channel
            self.stop()
            if time.monotonic() >= self._ends:
                return LATE
            return Fault(kind="hang", text=f"no answer after {self._seconds:g} s")
        self._printed = self._noise.since(before)
        return answer

    def _received(self, most: float) -> Message:
        """Return the next message: it may work for `most` seconds, waits for a processor apart."""
        assert self._channel is not None
        assert self._process is not None
        keeper, begin = self._process.pid, time.monotonic()
        before = spent_by(keeper)
        while True:
            try:
                return self._channel.receive()
            except TimeoutError:
                now = time.monotonic()
                if now >= self._ends or has_had(most, now - begin, before, spent_by(keeper)):
                    raise

    def _started_again(self) -> Fault | None:
        """Start the process again; return why that is no use, if it is not."""
        self._restarts += 1
        if self._restarts > self.limits.restarts:
            text = f"it was given up after {self.limits.restarts} restarts"
            return Fault(kind="crash", text=text, final=True)
        try:
            facts = self.start()
        except UsageError as error:  # a file that has changed since it was first loaded
            facts = {"reason": str(error)}
        if self._channel is None and not self._changed:
            return Fault(kind="crash", text=f"it cannot be started again: {facts['reason']}")
        return self._changed

    def _note(self, sources: Mapping[str, str]) -> None:
        """Note what was run; what was another thing before is no part of the same backend."""
        for file, digest in sources.items():
            if self.sources.setdefault(file, digest) != digest:
                text = f"{file} has changed since the session began"
                self._changed = Fault(kind="unsupported", text=text, final=True)

    def stop(self) -> None:
        """End the process, and whatever it has spawned."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            _end(self._process)
        if self._noise is not None:
            self._noise.close()
        self._process = self._channel = self._noise = None
        self._compiled_before, self._compiling = self.compile_seconds, 0.0

    def _spawn(self, descriptor: int, noise: int) -> "subprocess.Popen[bytes]":
        words = (str(descriptor), str(self.limits.memory))
        return subprocess.Popen(
            [self.interpreter, str(_BOOTSTRAP), *words, self.target, self.variant],
            pass_fds=[descriptor],
            env=with_variables_of_jax(os.environ),
            stdin=subprocess.PIPE,  # which closes when this process ends: see `keeper`
            stdout=noise,
            stderr=noise,
            start_new_session=True,  # what a terminal tells is for this process
        )

    def _gone(self) -> Fault:
        """Return how the process ended; one that lives and talks nonsense is ended here."""
        assert self._process is not None
        assert self._noise is not None
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            how = "closed its channel, or spoke another protocol on it"
        else:
            how = f"exited with code {code}"
            if code < 0:
                how = f"was killed by {name_of_signal(-code)}"
        text = f"the process {how}: {self._noise.last_line()}"
        self.stop()
        return Fault(kind="crash", text=text)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Have the keeper of a worker end it; one that does not is killed, and the worker with it."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_KEEPER_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def name_of_signal(number: int) -> str:
    """Return the name of a signal, or its number where it has none, as most real-time ones.

    Examples
    --------
    >>> name_of_signal(9), name_of_signal(40)
    ('SIGKILL', 'signal 40')
    """
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
