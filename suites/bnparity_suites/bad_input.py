"""What can be wrong with a layer's arguments, attributes, inputs and states: a table of trials."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import ml_dtypes
import numpy as np
from bnparity.backends import Array

from bnparity_suites.pairs import KINDS
from bnparity_suites.trials import FOLLOWED, Trial

State: TypeAlias = Mapping[str, Array]

_NAN, _INF = float("nan"), float("inf")
_ONES = np.ones(3, np.float32)


def _each(
    how: Literal["argument", "attribute"], name: str, *values: Any, says: tuple[str, ...] = ()
) -> list[Trial]:
    """Return a trial of each value; the message has to have the name, and what `says` says."""
    return [
        Trial(what=f"{name}={_brief(v)}", how=how, value={name: v}, says=(name, *says))
        for v in values
    ]


def _brief(value: Any) -> str:
    return f"array{value.shape}" if isinstance(value, np.ndarray) else repr(value)


def _input(what: str, change: Callable[[Array], Array], *says: str) -> Trial:
    return Trial(what=what, how="input", value=change, says=says)


def _of_rank(rank: int) -> Callable[[Array], Array]:
    return lambda x: np.resize(x, (4, 3, 2, 2, 2, 2)[:rank])


def _of_dtype(dtype: Any) -> Callable[[Array], Array]:
    return lambda x: x.astype(dtype)


def _with_channels(count: int) -> Callable[[Array], Array]:
    return lambda x: np.resize(x, (x.shape[0], count, *x.shape[2:]))


def _one(x: Array) -> Array:
    return x[(slice(1), slice(None), *(slice(1) for _ in x.shape[2:]))]


#: Inputs that are bad or odd in either API.
_INPUTS = [
    *(_input(f"of rank {rank}", _of_rank(rank), str(rank)) for rank in range(7)),
    *(_input(f"of {count} channels", _with_channels(count), "3") for count in (1, 2, 4)),
    *(
        _input(f"of {dtype}", _of_dtype(dtype), dtype, "float32")
        for dtype in ("float64", "float16", "int32", "int64", "uint8", "bool", "complex64")
    ),
    _input("of one value", _one, "(1, 3"),
    _input("with NaN", lambda x: np.where(x == x.flat[0], np.nan, x).astype(x.dtype)),
    _input("with infinity", lambda x: np.where(x == x.flat[0], np.inf, x).astype(x.dtype)),
]


def _without(name: str) -> Callable[[State], State]:
    return lambda state: {key: array for key, array in state.items() if not key.endswith(name)}


def _changed(name: str, change: Callable[[Array], Array]) -> Callable[[State], State]:
    return lambda state: {
        key: change(array) if key.endswith(name) else array for key, array in state.items()
    }


def _states(names: tuple[str, ...]) -> list[Trial]:
    """Return trials of states that lack a name, or have an array of another shape or format."""
    changes: dict[str, Callable[[Array], Array]] = {
        "of shape (2,)": lambda a: np.ones(2, a.dtype),
        "of float64": lambda a: a.astype(np.float64),
        "of float16": lambda a: a.astype(np.float16),
        "of int32": lambda a: a.astype(np.int32),
    }
    lacking = [Trial(what=f"without {n}", how="state", value=_without(n), says=(n,)) for n in names]
    return lacking + [
        Trial(what=f"with {name} {what}", how="state", value=_changed(name, change), says=(name,))
        for name in names
        for what, change in changes.items()
    ]


_STATES = [
    Trial(
        what="with a name too many",
        how="state",
        value=lambda state: {**state, "more": _ONES},
        says=("more",),
    ),
    Trial(what="without any name", how="state", value=lambda _: {}, says=("missing",)),
]

_FOLLOWED = (FOLLOWED,) * 4
_ALL_BUT_OUTPUTS = "grad_input, grad_weight, running_mean, running_var"


def _nhwc(kind: str, *local: str) -> Trial:
    return Trial(
        what="data_format='NHWC'",
        how="argument",
        value={"data_format": "NHWC"},
        kinds=(kind,),
        differs="MindSpore has it on GPUs alone; NumPy has no such reason",
        real=("ValueError",),
        local=local,
    )


#: Where the local layers do otherwise than MindSpore's on purpose.
_MINDSPORE_DIFFERS = [
    _nhwc("BatchNorm1d", *_FOLLOWED),
    # Read so, the usual batch of this one has other channels.
    _nhwc("BatchNorm2d", FOLLOWED, FOLLOWED, "ValueError", "ValueError"),
    Trial(
        what="dtype=float16",
        how="argument",
        value={"dtype": np.dtype("float16")},
        differs="MindSpore never moves statistics in half",
        real=(
            FOLLOWED,
            FOLLOWED,
            f"astray in drift of running_mean, drift of running_var, {_ALL_BUT_OUTPUTS}",
            FOLLOWED,
        ),
        local=_FOLLOWED,
    ),
    *(
        Trial(
            what=f"gamma_init={name!r}",
            how="argument",
            value={"gamma_init": name},
            says=("gamma_init", name, "ones"),
            differs="the local layers have nothing random",
            real=_FOLLOWED,
            local=("NotImplementedError",),
        )
        for name in ("normal", "uniform")
    ),
    *(
        Trial(
            what=f"with {name} of shape (3, 1)",
            how="state",
            value=_changed(name, lambda a: a.reshape(3, 1)),
            says=(name, "(3, 1)", "(3,)"),
            differs="MindSpore lets it in, and refuses every call from then on",
            real=(FOLLOWED, FOLLOWED, "ValueError", "ValueError"),
            local=(FOLLOWED, "RuntimeError"),
        )
        for name in ("mean", "variance", "gamma", "beta")
    ),
]

TORCH = [
    *_each("argument", "num_features", 3.0, -1, "3", True, None, says=("whole number",)),
    Trial(what="num_features=0", how="argument", value={"num_features": 0}, says=("3 channels",)),
    *_each("argument", "eps", 0.0, -1e-5, 2.0, 1, "1e-5", None, _NAN, _INF, says=("number",)),
    *_each("argument", "momentum", 0.0, 1.0, -0.1, 1.5, 1, None, _NAN, True),
    *_each("argument", "momentum", "0.1", says=("'0.1'", "number or None")),
    *_each("argument", "affine", 0, 1, None, "yes"),
    *_each("argument", "track_running_stats", 0, 1, None, "yes"),
    *_each("argument", "bias", False, 0),
    *_each("argument", "device", "cpu", "nowhere", says=("cpu",)),
    *_each(
        "argument", "dtype", "nonsense", np.dtype("int32"), np.dtype("float64"), says=("float",)
    ),
    *_each("argument", "unknown", 1),
    *_each("attribute", "eps", 0.0, -1.0, 2.0, "1e-5", None, says=("number",)),
    *_each("attribute", "momentum", 0.5, None, -3.0, "0.1", says=("number or None",)),
    *_each("attribute", "num_features", 5, "x"),
    *_each("attribute", "affine", False),
    *_each("attribute", "track_running_stats", False, "yes"),
    Trial(
        what="momentum=None and track_running_stats=False",
        how="attribute",
        value={"momentum": None, "track_running_stats": False},
    ),
    *_each("attribute", "weight", None, 1.0, says=("array",)),
    *_each("attribute", "bias", None, 1.0, says=("array",)),
    *_each("attribute", "running_mean", None, 1.0, np.zeros(2, np.float32), np.zeros(3)),
    *_each("attribute", "running_var", None, -_ONES, np.ones((3, 1), np.float32)),
    *_each("attribute", "num_batches_tracked", None, np.array(-1), np.array(2.5)),
    *(Trial(what=repr(mode), how="mode", value=mode, says=("mode",)) for mode in (1, "yes", None)),
    *_INPUTS,
    _input("of bfloat16", _of_dtype(ml_dtypes.bfloat16)),
    _input("of an empty batch", lambda x: x[:0]),
    *_states(("weight", "bias", "running_mean", "running_var", "num_batches_tracked")),
    *_STATES,
]

MINDSPORE = [
    *_each("argument", "num_features", 3.0, 0, -1, "3", True, None),
    *_each("argument", "eps", 0.0, -1e-5, 2.0, 1.0, 1, "1e-5", None, _NAN, _INF, says=("(0, 1]",)),
    *_each("argument", "momentum", 0.0, 1.0, 0, 1, True),
    *_each("argument", "momentum", -0.1, 1.5, "0.1", None, _NAN, says=("[0, 1]",)),
    *_each("argument", "affine", 0, 1, None, "yes", says=("True or False",)),
    *_each("argument", "use_batch_statistics", 1, 0, "yes", says=("True, False or None",)),
    *_each("argument", "data_format", "NCHW", "nchw", "NCDHW", None, 1),
    *_each("argument", "dtype", "nonsense", None, np.dtype("float64"), np.dtype("int32")),
    *_each("argument", "unknown", 1),
    *(
        replace(trial, kinds=KINDS)  # SyncBatchNorm has the constructor of the others
        for name in ("gamma_init", "beta_init", "moving_mean_init", "moving_var_init")
        for trial in (
            *_each("argument", name, "ones", "zeros", "ONES", "one", 2.5, 2, True, _ONES),
            *_each("argument", name, "nonsense", "", None, says=("ones",)),
            *_each("argument", name, np.ones(2, np.float32), np.ones((3, 1), np.float32)),
            *_each("argument", name, [1.0, 2.0, 3.0]),
            Trial(
                what=f"{name} of float64",
                how="argument",
                value={name: np.ones(3)},
                says=("float64", "float32"),
            ),
        )
    ),
    *_each("attribute", "eps", 0.0, 2.0, "1e-5", None),
    *_each("attribute", "momentum", 0.5, -3.0, "0.1", None),
    *_each("attribute", "num_features", 5),
    *_each("attribute", "use_batch_statistics", True, False, "yes", 1, 0),
    *(Trial(what=repr(mode), how="mode", value=mode) for mode in (1, "yes", None)),
    *_each("attribute", "gamma", None, 1.0, -_ONES),
    *_each("attribute", "moving_mean", None, 1.0, _ONES),
    *_INPUTS,
    _input("of no channels", _with_channels(0), "3"),
    *_each("argument", "gamma_init", "he_normal"),
    *_states(("mean", "variance", "gamma", "beta")),
    *_STATES,
    *_MINDSPORE_DIFFERS,
]
