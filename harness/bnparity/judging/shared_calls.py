"""The same few calls put to every backend, so that their answers can be compared with each other.

Each is put in the backend's own words: its momentum is translated. What is kept are the answers
themselves, so that whoever has the results of two backends knows how far they are apart, without a
bound and without the oracle.
"""

from collections.abc import Collection, Iterator
from typing import TypeAlias

import numpy as np
from bnparity_reference import Dialect

from bnparity.backends import ARGUMENTS, Arrays, Ask, Settings

#: Answers by call and output: the bits of each float32, in the order of memory.
SharedAnswers: TypeAlias = dict[str, dict[str, str]]

#: Data of each call, in batch and channels; an image is a square of `_SIDE`.
_BATCH, _CHANNELS, _SIDE = 4, 3, 3
#: The share of the new statistics: exact, and so is what is left of the old ones.
SHARE = 0.25
EPS = 1e-5
#: Mean / standard deviation of the channels: from easy to what one pass loses digits at.
_MEANS = (0.0, 1.0, 30.0)


def shared_answers(
    ask: Ask, *, dialect: Dialect, dtypes: Collection[str], ranks: Collection[int]
) -> SharedAnswers:
    """Return what a backend answers to the calls; nothing of one that it cannot be asked.

    Parameters
    ----------
    ask
        The backend.
    dialect, dtypes, ranks
        What it declares; the calls are float32 and of 4 axes.
    """
    if "float32" not in dtypes or 4 not in ranks:
        return {}
    momentum = SHARE if dialect.momentum == "new" else 1.0 - SHARE
    answers: SharedAnswers = {}
    for name, training, arrays in calls():
        reply = ask(arrays, Settings(training=training, momentum=momentum, eps=EPS))
        if reply.fault is None:
            answers[name] = {
                output: np.ascontiguousarray(array).astype(">f4").tobytes().hex()
                for output, array in reply.outputs.items()
                if array.dtype == np.float32
            }
    return answers


def calls() -> Iterator[tuple[str, bool, Arrays]]:
    """Yield each call: its name, whether it trains, and its arrays."""
    shape = (_BATCH, _CHANNELS, _SIDE, _SIDE)
    means = np.reshape(_MEANS, (1, _CHANNELS, 1, 1))
    for seed, training in enumerate((True, False)):
        rng = np.random.default_rng(seed)
        drawn = {
            "x": rng.standard_normal(shape) + means,
            "weight": rng.uniform(0.5, 2.0, _CHANNELS),
            "bias": rng.standard_normal(_CHANNELS),
            "running_mean": np.array(_MEANS) + 0.5,
            "running_var": rng.uniform(0.5, 2.0, _CHANNELS),
            "grad_output": rng.standard_normal(shape),
        }
        arrays = {name: drawn[name].astype(np.float32) for name in ARGUMENTS}
        yield "training" if training else "inference", training, arrays
