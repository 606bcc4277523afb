"""The calls of every BatchNorm in a model, recorded: run as a script where its framework is.

The model is run in inference, and then one step in training, with data and parameters as they are
and once with each moved by a rounding, up or down: how far that takes the layers' data is what
rounding alone can do to this model. Nothing of the harness is needed here.
"""

import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FRAMEWORKS = ("torch", "mindspore", "keras", "flax")


class Framework(Protocol):
    """What has to be known of a framework to record a model of it."""

    name: str

    def run(self, model: Any, x: Array, *, training: bool) -> Array:
        """Return what the model makes of `x` in that mode."""

    def watched(self, model: Any, see: Callable[..., None]) -> AbstractContextManager[None]:
        """Call `see` with each call of a BatchNorm, while it is open."""

    def arrays(self, model: Any) -> dict[str, Array]:
        """Return copies of all parameters and statistics by name."""

    def put(self, model: Any, arrays: Mapping[str, Array]) -> None:
        """Give the model such arrays."""


@dataclass
class Calls:
    """What was seen of the layers in a phase: plain facts of each call, and its arrays."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)
    phase: str = ""

    def see(
        self,
        facts: Mapping[str, Any],
        arrays: Mapping[str, Array | None],
        after: Mapping[str, Array | None],
    ) -> None:
        """Record a call and the state after it; the channels of data are put on the axis 1."""
        number, axis = len(self.facts), facts["axis"]
        self.facts.append({**facts, "phase": self.phase, "number": number})
        for name, array in {**arrays, **{f"new_{n}": a for n, a in after.items()}}.items():
            if array is not None:
                moved = np.moveaxis(array, axis, 1) if array.ndim > 2 else array
                self.arrays[f"{number}/{name}"] = moved.copy(order="C")


def _moved(arrays: Mapping[str, Array], seed: int) -> dict[str, Array]:
    """Return arrays of which each element but zero is a rounding larger or smaller."""
    rng = np.random.Generator(np.random.PCG64(seed))
    moved = {}
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            moved[name] = array
            continue
        towards = np.where(rng.random(array.shape) < 0.5, -np.inf, np.inf).astype(array.dtype)
        step = np.where(array == 0, array, np.nextafter(array, towards))
        moved[name] = step.astype(array.dtype)
    return moved


def record(framework: Framework, model: Any, x: Array) -> Calls:
    """Return the calls in all phases: of each mode the moved one, and the one that counts."""
    calls, begin = Calls(), framework.arrays(model)
    moved, data = _moved(begin, 2), _moved({"x": x}, 1)["x"]
    with framework.watched(model, calls.see):
        for training, mode in ((False, "inference"), (True, "training")):
            for phase, arrays, taken in ((f"{mode} moved", moved, data), (mode, begin, x)):
                calls.phase = phase
                framework.put(model, arrays)
                calls.arrays[phase] = framework.run(model, taken, training=training)
    return calls


def save(framework: Framework, calls: Calls, folder: Path) -> None:
    """Leave what was seen in a folder."""
    facts = {"framework": framework.name, "calls": calls.facts}
    (folder / "facts.json").write_text(json.dumps(facts))
    np.savez(folder / "arrays.npz", **calls.arrays)  # type: ignore[arg-type]  # no options


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def watching(framework: str) -> Framework:
    """Return how models of a framework are watched, which imports it."""
    found: Framework = _loaded(Path(__file__).with_name(f"of_{framework}.py")).Framework()
    return found


def model_of(path: Path, name: str) -> tuple[Framework, Any]:
    """Return the model that a file has under a name, or that what it has there makes."""
    sys.path.insert(0, str(path.parent))  # it may import its neighbours, as a script may
    module = _loaded(path)
    if not hasattr(module, name):
        close = get_close_matches(name, vars(module), n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        sys.exit(f"it has no {name!r}{hint}: name a model of it")
    found = getattr(module, name)
    model = _made(found) if inspect.isroutine(found) or inspect.isclass(found) else found
    known = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    for framework in FRAMEWORKS:
        if framework in known:
            return watching(framework), model
    raise TypeError(f"{name} is a {type(model).__name__}, no model of {', '.join(FRAMEWORKS)}")


def _made(make: Any) -> Any:
    """Return what a function or a class makes, which has to take nothing."""
    try:
        inspect.signature(make).bind()
    except TypeError as error:
        sys.exit(
            f"{make.__name__} takes arguments ({error}): name a model, or what makes it of none"
        )
    except ValueError:  # what is written in C may not say what it takes
        pass
    return make()


def _main(path: str, name: str, data: str, out: str) -> None:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    try:
        framework, model = model_of(Path(path), name)
        calls = record(framework, model, np.load(data, allow_pickle=False))
    except Exception as error:  # noqa: BLE001  # whatever a model raises is the answer
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split())[:300])
    save(framework, calls, Path(out))


if __name__ == "__main__":
    _main(*sys.argv[1:])
