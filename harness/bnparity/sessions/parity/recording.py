"""What a model's BatchNorms were given and made of it, from the interpreter of its framework."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bnparity.backends import Array, UsageError, interpreter_of
from bnparity.cases import Case, Inputs
from bnparity.sessions.parity.watching import record

#: Seconds that a model may take to be imported and run four times.
_SECONDS = 600
_STATE = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, kw_only=True)
class LayerCall:
    """One call of a BatchNorm: its layer, how it was meant, what went in and what came out.

    ``moved`` are data and output of the same call after a rounding of everything before it.
    """

    layer: str
    training: bool
    eps: float
    momentum: float | None
    inputs: Inputs
    outputs: Mapping[str, Array]
    moved: Mapping[str, Array]

    @property
    def case(self) -> Case:
        """The call as a case, which has no recipe."""
        params = [a for a in (self.inputs.weight, self.inputs.running_mean) if a is not None]
        return Case(
            shape=self.inputs.x.shape,
            dtype=self.inputs.x.dtype.name,
            param_dtype=params[0].dtype.name if params else self.inputs.x.dtype.name,
            training=self.training,
            tracked=self.inputs.running_mean is not None,
            affine="none" if self.inputs.weight is None else "both",
            momentum=self.momentum,
            eps=self.eps,
            gradient=False,
        )


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The calls of a model by mode, in their order, and what the model returned.

    ``moved`` is what it returned after a rounding of everything.
    """

    name: str
    framework: str
    calls: Mapping[str, tuple[LayerCall, ...]]
    outputs: Mapping[str, Array]
    moved: Mapping[str, Array]


#: The modes that a model is run in, the one that is compared first before the other.
MODES = ("inference", "training")


def recording_of(name: str, data: Path) -> Recording:
    """Run the model that ``file.py:name`` names on the array in a file, and return its calls.

    Raises
    ------
    UsageError
        If there is no such model, or it cannot be run.
    """
    file, sign, attribute = name.rpartition(":")
    if not sign or not file.endswith(".py") or not attribute:
        raise UsageError(
            f"{name!r} is no model: write file.py:model, of an object or what makes it"
        )
    if not Path(file).is_file():
        raise UsageError(f"there is no file {file!r}: give the path of the model's file")
    with tempfile.TemporaryDirectory() as folder:
        _run(name, [interpreter_of(name), record.__file__, file, attribute, str(data), folder])
        return read_recording(name, Path(folder))


def read_recording(name: str, folder: Path) -> Recording:
    """Return what `record` left in a folder of the model called `name`."""
    facts = json.loads((folder / "facts.json").read_text())
    with np.load(folder / "arrays.npz") as arrays:
        return _recording(name, facts, dict(arrays))


def _run(name: str, command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{name} took more than {_SECONDS} s: give a smaller input") from error
    if done.returncode != 0:
        told = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise UsageError(f"{name} cannot be run: {told}")


def _recording(name: str, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Recording:
    calls = {
        mode: tuple(
            _call(fact, other, arrays)
            for fact, other in zip(
                _of_phase(facts, mode), _of_phase(facts, f"{mode} moved"), strict=True
            )
        )
        for mode in MODES
    }
    return Recording(
        name=name,
        framework=facts["framework"],
        calls=calls,
        outputs={mode: arrays[mode] for mode in MODES},
        moved={mode: arrays[f"{mode} moved"] for mode in MODES},
    )


def _of_phase(facts: Mapping[str, Any], phase: str) -> list[Mapping[str, Any]]:
    return [fact for fact in facts["calls"] if fact["phase"] == phase]


def _call(
    fact: Mapping[str, Any], other: Mapping[str, Any], arrays: Mapping[str, Array]
) -> LayerCall:
    of = f"{fact['number']}/"
    state = {name: arrays.get(of + name) for name in _STATE}
    if not fact["tracked"]:
        state |= dict.fromkeys(("running_mean", "running_var"))
    outputs = {"output": arrays[of + "output"]}
    if fact["training"] and fact["tracked"]:
        outputs |= {name: arrays[f"{of}new_{name}"] for name in ("running_mean", "running_var")}
    return LayerCall(
        layer=fact["layer"],
        training=fact["training"],
        eps=float(fact["eps"]),
        momentum=fact["momentum"],
        inputs=Inputs(x=arrays[of + "x"], **state, grad_output=None),
        outputs=outputs,
        moved={name: arrays[f"{other['number']}/{name}"] for name in ("x", "output")},
    )
