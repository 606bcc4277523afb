"""What a layer can be asked, found out before the first case by making one and calling it."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bnparity.backends.adapters.adapted import Adapted, affines_of
from bnparity.backends.adapters.framework import Framework
from bnparity.backends.adapters.known_names import matched
from bnparity.backends.adapters.layer_calls import LayerCalls, data
from bnparity.backends.adapters.over_time import LayersOverTime
from bnparity.backends.adapters.source import Source
from bnparity.backends.adapters.told import STATE
from bnparity.backends.call import Array, Call
from bnparity.backends.errors import UsageError
from bnparity.backends.formats import format_of
from bnparity.backends.raised import describe

_SETTINGS = {"eps": 1e-5, "momentum": 0.1}
_CHANNELS = 3
#: The formats with which frameworks keep parameters or statistics in wider ones.
_HALVES = ("float16", "bfloat16")
#: Numbers of axes, the likeliest first.
_RANKS = (4, 2, 3, 5)


def backend_of(source: Source, framework: Framework, dtypes: Any) -> Adapted:
    """Return the backend of the layers from a source, for data of these formats.

    Raises
    ------
    UsageError
        If a layer cannot be made or called, or keeps what nobody has told the meaning of.
    """
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        layer, kept, told = _made(source, framework)
        paths = matched(kept, source.names, source.name)
        _check_understood(source, framework, layer, kept, paths)
        sizes = [_size(kept[path]) for path in paths.values()]
        learning = {name for name, path in paths.items() if framework.learns(layer, path)}
        sized = not framework.made_for_data
        statistics = tuple(name for name in paths if name.startswith("running_"))
        calls = LayerCalls(framework=framework, source=source, paths=paths)
        backend = Adapted(
            answer=calls.answer,
            taken_for=_in_words(source, framework, paths),
            dialect=framework.dialect_of(layer),
            under_way=framework.under_way,
            layer_api=LayersOverTime(calls=calls) if statistics else None,
            dtypes=framework.dtypes,
            formats=_formats(calls, dtypes) if framework.own_formats else (),
            outputs=("output", *statistics, "grad_input", *(f"grad_{n}" for n in sorted(learning))),
            stateful=framework.stateful,
            affines=affines_of(paths.keys() & {"weight", "bias"}),
            tracked=_tracked(source, paths),
            statistics_gradients=framework.statistics_gradients and bool(statistics),
            fixed=tuple(n for n in _SETTINGS if n not in told and not source.takes(n)),
            channels=sizes[0] if source.form == "instance" and sizes and sized else 0,
        )
        backend = replace(backend, ranks=_ranks(backend, source.name))
        return replace(backend, takes_mask=_masks(backend) if framework.takes_mask(layer) else "")


def _formats(calls: LayerCalls, dtypes: Any) -> tuple[str, ...]:
    """Return in which formats a layer keeps its parameters and its statistics for halves as data.

    A format that nobody knows is told where capabilities are read.
    """
    named = [str(name) for name in ([dtypes] if isinstance(dtypes, str) else dtypes)]
    return tuple(f"{name}/{'/'.join(_kept(calls, name))}" for name in named if name in _HALVES)


def _kept(calls: LayerCalls, dtype: str) -> tuple[str, str]:
    """Return the formats of a layer's parameters and statistics; without some, they are alike."""
    x = data(_RANKS[0], _CHANNELS).astype(format_of(dtype).dtype)
    ones = np.ones(_CHANNELS, x.dtype)
    call = Call(x, ones, ones, ones, ones, training=True, momentum=0.1, eps=1e-5)
    kept, _ = calls.kept(calls.layer(call), call)
    of_all = {ours: array.dtype.name for ours, array in kept.items()}
    parameters = [of_all[name] for name in STATE[:2] if name in of_all]
    statistics = [of_all[name] for name in STATE[2:] if name in of_all]
    return (parameters or statistics or [dtype])[0], (statistics or parameters or [dtype])[0]


def _made(source: Source, framework: Framework) -> tuple[Any, Mapping[str, Array], set[str]]:
    """Return a layer, what it keeps, and the settings that it can be told after it is made.

    It is made for data of the first rank of which that is possible.
    """
    errors = []
    for rank in _RANKS:
        try:
            offered = framework.offered(STATE)
            layer = source.layer(_CHANNELS, _SETTINGS | offered)
            _, told = framework.told(layer, _SETTINGS)
            x = data(rank, _CHANNELS)
            kept = framework.kept(layer, np.moveaxis(x, 1, -1) if framework.channels_last else x)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a constructor may raise
            errors.append(describe(error))
        else:
            return layer, kept, told
    raise UsageError(
        f"{source.name} cannot be made, {errors[0]}: name a function of the number of channels "
        f"that makes it, or see bnparity explain adapter"
    )


def _check_understood(
    source: Source,
    framework: Framework,
    layer: Any,
    kept: Mapping[str, Array],
    paths: Mapping[str, str],
) -> None:
    """Check that nothing is left over that may be what is missing."""
    channels = max((_size(kept[path]) for path in paths.values()), default=_CHANNELS)
    left = [p for p, a in kept.items() if p not in paths.values() and _size(a) == channels]
    for sort, learns in ((STATE[:2], True), (STATE[2:], False)):
        missing = [name for name in sort if name not in paths]
        unknown = [path for path in left if framework.learns(layer, path) is learns]
        if missing and unknown:
            raise UsageError(
                f"{source.name} keeps {', '.join(unknown)}, and none of it is known for "
                f"{' or '.join(missing)}: say which is, --map {missing[0]}={unknown[0]}"
            )


def _size(array: Any) -> int:
    return int(np.prod(array.shape))


def _in_words(source: Source, framework: Framework, paths: Mapping[str, str]) -> str:
    state = ", ".join(paths.values()) or "none"
    form = {"class": "class", "instance": "object"}.get(source.form, "that a function makes")
    return f"{framework.noun} {form}: {framework.training}, state {state}; {framework.copies}"


def _tracked(source: Source, paths: Mapping[str, str]) -> tuple[bool, ...]:
    if "running_mean" not in paths:
        return (False,)
    return (True, False) if source.takes("track_running_stats") else (True,)


def _ranks(backend: Adapted, name: str) -> tuple[int, ...]:
    """Return the numbers of axes of which both modes return data of the same shape."""
    errors = {rank: _raised(backend, rank) for rank in _RANKS}
    taken = tuple(sorted(rank for rank, error in errors.items() if not error))
    if not taken:
        raise UsageError(
            f"{name} was called with data of 2 to 5 axes and answered none, "
            f"{_differently(errors)}: see bnparity explain adapter"
        )
    return taken


def _differently(errors: Mapping[int, str]) -> str:
    """Return what went wrong, once for ranks that differ in nothing but numbers."""
    told: dict[str, str] = {}
    for rank, error in errors.items():
        told.setdefault(re.sub(r"\d+", "#", error), f"of {rank} it {error}")
    return ", ".join(told.values())


def _masks(backend: Adapted) -> str:
    """Return which masks a layer takes that has a keyword for one; nothing if none."""
    channels, rank = backend.channels or _CHANNELS, backend.ranks[0]
    for kind, own in (("elements", channels), ("positions", 1)):
        mask = np.ones_like(data(rank, own), dtype=np.bool_)
        if not _raised(backend, rank, mask):
            return kind
    return ""


def _raised(backend: Adapted, rank: int, mask: Array | None = None) -> str:
    """Return what is wrong with what a layer makes of data of a rank; nothing if it is right."""
    channels = backend.channels or _CHANNELS
    x, ones = data(rank, channels), np.ones(channels, np.float32)
    affine = ["both" in backend.affines or name in backend.affines for name in STATE[:2]]
    has = [*affine, *[True in backend.tracked] * 2]
    state = [ones if there else None for there in has]
    try:
        for training in (True, False):
            output = backend(x, *state, training=training, mask=mask, **_SETTINGS)["output"]
            if output is None or output.shape != x.shape:
                return f"returned {getattr(output, 'shape', None)} for data of {x.shape}"
    except Exception as error:  # noqa: BLE001  # whatever a layer may raise
        return f"raised {describe(error)}"
    return ""
