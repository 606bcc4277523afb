"""Part of the ``repro.py`` of a fault: the call made again in a process that may crash or hang."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bnparity.backends import (
    Array,
    describe,
    frames_of_exception,
    kind_of,
    limit_memory,
    name_of_signal,
)
from bnparity.judging import same_bits
from bnparity.results.repro.asking import (
    arguments,
    arguments_after_calls,
    ask,
    bits,
    opened_or_told,
    read,
    wide,
)


def main(
    finding: Mapping[str, Any],
    folder: Path,
    opened: Callable[..., tuple[Callable[..., Any], str]],
) -> int:
    """Make the calls of `finding` again; print what came, and return whether they fail still."""
    if "REPRO_ANSWER" in os.environ:
        return answer(finding, folder, opened)
    print(finding["text"])
    came = answer_of_a_process(finding)
    if came == "nothing was asked":
        return 2
    print("expected:", finding["expected"])
    print("got:", came)
    print("The fault is gone." if came == "an answer" else "The fault is there.")
    return int(came != "an answer")


def answer_of_a_process(finding: Mapping[str, Any]) -> str:
    """Run this script once more, to make the calls; return what came of them."""
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer"
        process = subprocess.Popen(
            [sys.executable, *sys.argv],
            env={**os.environ, "REPRO_ANSWER": str(answer)},
            start_new_session=True,
        )
        try:
            code = process.wait(finding["seconds"] + 120)
        except subprocess.TimeoutExpired:
            code = -signal.SIGALRM
        with suppress(ProcessLookupError):  # and what it has spawned
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return answer.read_text() if answer.exists() else ended(code, finding["seconds"])


def ended(code: int, seconds: float) -> str:
    """Return how a process ended that has left no answer."""
    if code == -signal.SIGALRM:
        return f"no answer after {seconds:g} s"
    how = f"exited with code {code}" if code >= 0 else f"was killed by {name_of_signal(-code)}"
    return f"the process {how}"


def answer(
    finding: Mapping[str, Any],
    folder: Path,
    opened: Callable[..., tuple[Callable[..., Any], str]],
) -> int:
    """Make the calls in this process, and write what came of them to a file."""
    limit_memory(finding["memory"])
    file, original, copies = Path(os.environ["REPRO_ANSWER"]), os.getpid(), list[int]()
    call = opened_or_told(finding, opened)
    if call is None:
        file.write_text("nothing was asked")
        return 2
    os.register_at_fork(after_in_parent=lambda: copies.append(1))
    came = outcome_of_all(finding, call, read(folder / "inputs.safetensors"))
    if os.getpid() != original:
        file.write_text("the call forked, and returned twice")
        os._exit(0)
    time.sleep(0.2 if copies else 0.0)  # for a copy to say so
    if came != "an answer" or not file.exists():
        file.write_text(came)
    return 0


def outcome_of_all(
    finding: Mapping[str, Any], call: Callable[..., Any], stored: Mapping[str, Array]
) -> str:
    """Return what is wrong with the last call, made as often as the finding says."""
    last = finding["calls"][-1]
    first: dict[str, Array | None] = {}
    others = dict.fromkeys(finding["like"], 0)
    for count in range(finding["times"]):
        if count == 0 or finding["reused"]:
            arrays = arguments_after_calls(call, finding, stored)
        else:
            arrays = arguments(last, stored)
        signal.setitimer(signal.ITIMER_REAL, finding["seconds"])  # which ends the process
        came, outputs = outcome(finding["like"], call, last, arrays)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if came != "an answer":
            return came
        first = first or outputs
        for name, output in outputs.items():
            others[name] += not same_bits(first[name], output)
    return next((varies(name, n, finding) for name, n in others.items() if n), "an answer")


def varies(name: str, others: int, finding: Mapping[str, Any]) -> str:
    """Return in words how many of the equal calls had another output than the first."""
    return (
        f"{name} is not the same in {finding['times']} calls with equal inputs: "
        f"{others} differ from the first"
    )


def outcome(
    likes: Mapping[str, str],
    call: Callable[..., Any],
    asked: Mapping[str, Any],
    arrays: Mapping[str, Array | None],
) -> tuple[str, dict[str, Array | None]]:
    """Return what is wrong with one call, and its outputs in float64."""
    originals = {name: a.tobytes() for name, a in arrays.items() if a is not None}
    try:
        returned = ask(call, asked, arrays)
    except NotImplementedError:
        return "an answer", {}
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is the answer
        print("it was raised at, the last line last:", frames_of_exception(), sep="\n")
        return f"it raised {describe(error)}", {}
    for name, original in originals.items():
        array = arrays[name]
        if array is None or array.tobytes() != original:
            return f"the call wrote to its input {name}", {}
    if not isinstance(returned, Mapping):
        return f"it returned {kind_of(returned)} instead of a mapping of arrays", {}
    return broken_or_wide(likes, returned, arrays)


def broken_or_wide(
    likes: Mapping[str, str], returned: Mapping[str, Any], arrays: Mapping[str, Array | None]
) -> tuple[str, dict[str, Array | None]]:
    """Return which output breaks the contract, and the outputs in float64."""
    outputs: dict[str, Array | None] = {}
    for name, argument in likes.items():
        try:
            output, like = bits(returned.get(name)), arrays[argument]
        except Exception as error:  # noqa: BLE001  # a mapping may do anything
            return f"its mapping raised {describe(error)}", {}
        outputs[name] = None
        if output is None or like is None:
            continue
        if type(output) is not np.ndarray or (output.shape, output.dtype) != (
            like.shape,
            like.dtype,
        ):
            return f"{name} is {kind_of(output)}, expected {kind_of(like)}", {}
        outputs[name] = wide(output)
    return "an answer", outputs
