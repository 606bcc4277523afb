"""Processes that train a synchronised layer together: started, waited for, and judged."""

import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from bnparity.backends import Array
from bnparity_reference import OUTPUTS

from bnparity_suites.shards import EPS, MOMENTUM, Batch, failed, judged

#: Seconds for all processes of a test, importing torch included.
_PATIENCE = 150.0


def trained(
    folder: Path, steps: Sequence[Batch], *, layer: str, groups: Sequence[Sequence[int]]
) -> list[list[dict[str, Array]]]:
    """Return what every rank found in every step, of a process each.

    Parameters
    ----------
    folder
        An empty one, where the processes meet.
    steps
        The data of each step; parameters and first statistics are those of the first.
    layer
        ``"local"``, or ``"torch"`` on the first CUDA device.
    groups
        The ranks of each process group; together they are all.

    Raises
    ------
    AssertionError
        If a process fails, or takes too long; none is left running.
    """
    group_of = {rank: group for group in groups for rank in group}
    script = str(files("bnparity_suites").joinpath("sync_process.py"))
    running = []
    try:
        for rank in range(len(group_of)):
            np.savez(folder / f"asked{rank}.npz", **_asked(steps, rank))
            members = ",".join(map(str, group_of[rank]))
            command = [sys.executable, script, str(folder), str(rank), str(len(group_of)), layer]
            running.append(_started([*command, members], folder / f"log{rank}.txt"))
        _await(running, folder)
    finally:
        for process in running:
            process.kill()
            process.wait()
    return [_answers(folder, rank, len(steps)) for rank in range(len(group_of))]


def assert_trained_together(
    steps: Sequence[Batch],
    answers: Sequence[Sequence[dict[str, Array]]],
    groups: Sequence[Sequence[int]],
) -> None:
    """Judge every rank in every step; within a group the statistics are the same to the bit."""
    for group in groups:
        before = steps[0]
        for step, data in enumerate(steps):
            found = [answers[rank][step] for rank in group]
            batch = before.with_data(data).of(group)
            assert not failed(judged(batch, found)), (group, step)
            assert len({outputs["running_var"].tobytes() for outputs in found}) == 1, (group, step)
            before = before.after(found[0])


def _asked(steps: Sequence[Batch], rank: int) -> dict[str, Any]:
    asked: dict[str, Any] = {"eps": EPS, "momentum": MOMENTUM}
    for name in ("weight", "bias", "running_mean", "running_var"):
        asked[name] = getattr(steps[0], name)
    for step, batch in enumerate(steps):
        asked[f"x{step}"] = batch.shards[rank]
        asked[f"grad_output{step}"] = batch.grad_outputs[rank]
    return asked


def _started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as sink:
        return subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT)


def _await(running: Sequence[subprocess.Popen[bytes]], folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    for rank, process in enumerate(running):
        log = folder / f"log{rank}.txt"
        try:
            code = process.wait(max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"rank {rank} takes too long:\n{log.read_text()}") from None
        assert code == 0, f"rank {rank} failed:\n{log.read_text()}"


def _answers(folder: Path, rank: int, steps: int) -> list[dict[str, Array]]:
    with np.load(folder / f"answer{rank}.npz") as answer:
        found = dict(answer)
    return [{name: found[f"{name}{step}"] for name in OUTPUTS} for step in range(steps)]
