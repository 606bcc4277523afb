"""`bnparity compare-models`: the first BatchNorm where two models part, and by what."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import numpy as np
from typer import Argument, Option

from bnparity.backends import UsageError, kind_of
from bnparity.frontends.commands import options
from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS, NOTHING_CHECKED
from bnparity.frontends.commands.output import put
from bnparity.frontends.commands.parsing import STDOUT, writable
from bnparity.frontends.commands.telling import filled
from bnparity.results import dump
from bnparity.sessions import compare_models, recording_of


def compare_models_command(
    a: Annotated[str, Argument(help="A model, file.py:net: an object, or what makes it.")],
    b: Annotated[str, Argument(help="The other one, in any of the frameworks.")],
    *,
    data: Annotated[
        Path, Option("--input", metavar="FILE", help="Their data, as npy, channels second.")
    ],
    json: options.OnlyJson = None,
) -> int:
    """Compare two models of PyTorch, MindSpore, Keras or Flax: the first BatchNorm where they part.

    Both are run on the same data, in inference and in training. Each file is imported, and so run,
    in the interpreter of its framework. Models of Keras and Flax are given their data with the
    channels last; a module of linen has to be bound to its variables.
    """
    writable(json, read=[data, *(Path(name.rpartition(":")[0]) for name in (a, b))])
    _check_data(data)
    with ThreadPoolExecutor(2) as pool:  # each waits for a process of its own
        recordings = list(pool.map(lambda name: recording_of(name, data), (a, b)))
    for each in recordings:
        if not any(each.calls.values()):
            raise UsageError(
                f"{each.name} calls no BatchNorm of its framework's: name another model"
            )
    done = compare_models(*recordings)
    if json != STDOUT:
        print(filled(done.in_words(), indent="    "))
    if json is not None:
        put(json, dump(done.to_json()))
    if not done.compared:
        return NOTHING_CHECKED
    return ACCEPTABLE if done.parting is None else FINDINGS


def _check_data(data: Path) -> None:
    """Check that the file holds an array of numbers that a model can take."""
    if not data.is_file():
        raise UsageError(f"--input {data}: there is no such file; give an npy file")
    try:
        array = np.load(data, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UsageError(
            f"--input {data} is no npy file of numbers: save an array with numpy.save"
        ) from error
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f" or array.ndim < 2:
        what = kind_of(np.asarray(array)) if isinstance(array, np.ndarray) else "an archive"
        raise UsageError(f"--input {data} is {what}: give an array of floats, (N, C, ...)")
