"""Errands as tasks of Ray: on this machine, or on a cluster that is there already."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

from bnparity.backends import UsageError
from bnparity.sessions.campaign.cluster import Cluster, Lost
from bnparity.sessions.campaign.errand import Brought, Errand, do_errand

#: The addresses that are words: a Ray of our own on this machine, and the one that is here.
LOCAL, HERE = "local", "auto"
_ADDRESS = re.compile(r"(ray://)?(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})")
#: Seconds that a head may take to be reached.
_REACH_SECONDS = 5.0


def is_address(text: str) -> bool:
    """Return whether a text is an address of Ray.

    Examples
    --------
    >>> [is_address(text) for text in ("auto", "10.0.0.1:6379", "kernel.py:batch_norm", "numpy")]
    [True, True, False, False]
    """
    return text in (LOCAL, HERE) or _ADDRESS.fullmatch(text) is not None


def is_installed() -> bool:
    """Return whether Ray is: a folder of that name, as Ray itself makes some, is none."""
    found = find_spec("ray")
    return found is not None and found.origin is not None


def check_ray(address: str) -> None:
    """Check that a Ray can be there; a `UsageError` if it is not installed, or does not answer."""
    if not is_address(address):
        raise UsageError(f"--ray {address}: give HOST:PORT, ray://HOST:PORT or auto, or nothing")
    if not is_installed():
        raise UsageError("--ray: Ray is not installed: pip install 'bnparity[ray]'")
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return
    try:  # Ray itself would try for minutes
        place = (match[2].strip("[]"), int(match[3]))
        socket.create_connection(place, timeout=_REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            f"--ray {address}: nobody answers there ({why}): give what ray start has printed"
        ) from error


@contextmanager
def on_ray(address: str, most: int | None) -> Iterator[Cluster]:
    """Give the cluster at `address`, of which up to `most` errands at a time are asked."""
    import ray

    with _own_signals():
        _connect(ray, address, most)
    try:
        yield _OnRay(ray, most)
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str, most: int | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody has asked to be told of
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address == LOCAL:
        settings |= {"num_cpus": most, "include_dashboard": False}
    try:
        ray.init(address=address, **settings)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise UsageError(
            f"--ray {address}: there is no such cluster ({why}): start one with ray start --head"
        ) from error


class _OnRay:
    """The errands that are tasks of a Ray that is connected."""

    def __init__(self, ray: Any, most: int | None) -> None:
        self._ray = ray
        self._most = most
        # Who sends an errand again is the campaign.
        self._task = ray.remote(max_retries=0, num_cpus=1)(do_errand)
        self._sent: dict[Any, Errand] = {}

    def slots(self) -> int:
        """Return how many tasks may be under way: one a core of the cluster."""
        cores = int(self._ray.cluster_resources().get("CPU", 0))
        return max(1, cores if self._most is None else min(self._most, cores))

    def send(self, errand: Errand) -> None:
        """Make a task of an errand."""
        needed, there = needs(errand), self._ray.cluster_resources()
        for what, most in needed.items():
            if there.get(what, 0.0) < most:
                raise UsageError(
                    f"--ray: no machine of the cluster has {what}, of which {errand.backend} needs "
                    f"{most:g}: add one that has it, or leave out the backend"
                )
        task = self._task.options(num_gpus=needed.pop("GPU", 0), resources=needed)
        self._sent[task.remote(errand)] = errand

    def ended(self, seconds: float) -> list[tuple[Errand, Brought | Lost]]:
        """Return the errands whose tasks have ended, and what each has brought."""
        if not self._sent:
            time.sleep(seconds)
            return []
        ready, _ = self._ray.wait(list(self._sent), timeout=seconds)
        if ready:
            ready, _ = self._ray.wait(list(self._sent), num_returns=len(self._sent), timeout=0)
        return [(self._sent.pop(task), self._brought(task)) for task in ready]

    def cancel(self) -> None:
        """Stop the tasks that are under way."""
        for task in self._sent:
            with suppress(self._ray.exceptions.RayError):
                self._ray.cancel(task)
        self._sent.clear()

    def _brought(self, task: Any) -> Brought | Lost:
        try:
            brought: Brought = self._ray.get(task)
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, UsageError):
                raise UsageError(str(cause)) from error
            first, *_ = [*str(cause or error).strip().splitlines(), ""]
            return Lost(reason=f"{type(cause or error).__name__}: {first.partition('. ')[0]}")
        return brought


def needs(errand: Errand) -> dict[str, float]:
    """Return what a task needs beside a core: what the backend says, else a GPU if it is on one."""
    said = errand.facts["capabilities"].get("resources", ())
    stated = dict(text.partition("=")[::2] for text in said)
    on_gpu = not str(errand.facts["device"]).startswith("cpu") and errand.facts["device"]
    return {what: float(n) for what, n in stated.items()} or ({"GPU": 1.0} if on_gpu else {})


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what this process does when it is told to end: Ray would replace it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    kept = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
