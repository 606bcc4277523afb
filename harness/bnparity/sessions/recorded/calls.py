"""One recorded call: what went in, how it was meant, and whatever came out.

Names are those of the contract; a running statistic after the call is ``new_running_mean`` or
``new_running_var`` where it stands beside the one before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from bnparity.backends import (
    ARGUMENTS,
    BY_STATISTICS,
    OPTIONAL,
    OUTPUT_LIKE,
    Array,
    UsageError,
    did_you_mean,
    format_of,
    kind_of,
)
from bnparity.cases import Case, Inputs

#: What of a call is no array.
SETTINGS = ("training", "momentum", "eps", "tracked")

#: The outputs that are called like an argument, as they are called beside it.
_AFTER = MappingProxyType({f"new_{name}": name for name in ("running_mean", "running_var")})

#: The names of outputs, beside the arguments.
NAMES_OF_OUTPUTS = tuple(
    next((after for after, plain in _AFTER.items() if plain == name), name) for name in OUTPUT_LIKE
)

#: Every name that is understood.
NAMES = (*ARGUMENTS, *OPTIONAL, *NAMES_OF_OUTPUTS, *SETTINGS)


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """A call that somebody has made: its case, without a recipe, its arguments and its outputs.

    ``reason`` says why it cannot be judged, if it cannot.
    """

    name: str
    case: Case
    inputs: Inputs
    outputs: Mapping[str, Array]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """How a dump is to be read.

    ``theirs`` has our name for each of the dump's that differs; ``given`` the settings that hold
    for every call in which they are not recorded.
    """

    theirs: Mapping[str, str]
    given: Mapping[str, Any]

    @classmethod
    def of(cls, maps: Iterable[str], given: Mapping[str, Any]) -> "Spelling":
        """Return the spelling that words ``OURS=THEIRS`` state; a `UsageError` if one does not."""
        theirs = {}
        for text in maps:
            ours, sign, their = text.partition("=")
            if not sign or not their:
                raise UsageError(f"--map {text}: write OURS=THEIRS, as in --map weight=gamma")
            if ours not in NAMES:
                hint = did_you_mean(ours, NAMES)
                raise UsageError(
                    f"--map {text}: {ours!r} is no name of ours: choose from {', '.join(NAMES)}"
                    f"{hint}"
                )
            theirs[their] = ours
        return cls(theirs=theirs, given={k: v for k, v in given.items() if v is not None})


def recorded_call(name: str, recorded: Mapping[str, Any]) -> RecordedCall:
    """Return the call that is recorded under our names, the settings all among them.

    Raises
    ------
    UsageError
        If it is no call.
    """
    where = f"in {name}, " if name else ""
    arrays = {
        key: _array(where + key, recorded.get(key))
        for key in (*ARGUMENTS, *BY_STATISTICS, *NAMES_OF_OUTPUTS)
    }
    x = arrays.pop("x")
    if x is None:
        raise UsageError(f"{where}x is missing: record it, or name it with --map x=THEIRS")
    _fit(where, x, arrays)
    mask = _mask(where, x, recorded.get("mask"))
    given = {key: arrays[key] for key in (*ARGUMENTS[1:], *BY_STATISTICS)}
    inputs = Inputs(x=x, **given, mask=mask)
    outputs = {_AFTER.get(k, k): a for k in NAMES_OF_OUTPUTS if (a := arrays[k]) is not None}
    case = _case(inputs, recorded)
    return RecordedCall(
        name=name,
        case=case,
        inputs=inputs,
        outputs=outputs,
        reason=_reason(recorded, case, outputs),
    )


def _array(where: str, value: Any) -> Array | None:
    if value is None:
        return None
    array = np.asarray(value)
    try:
        format_of(array.dtype.name)
    except UsageError as error:
        raise UsageError(f"{where} is {kind_of(array)}: {error}") from error
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _mask(where: str, x: Array, value: Any) -> Array | None:
    """Return the mask of a call, of bool, for its positions or for its elements."""
    if value is None:
        return None
    mask = np.asarray(value)
    positions = (x.shape[0], 1, *x.shape[2:])
    if mask.shape not in (x.shape, positions):
        raise UsageError(
            f"{where}mask is {kind_of(mask)}: x asks for the shape {positions} or {x.shape}"
        )
    if mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
        raise UsageError(f"{where}mask has other values than 0 and 1: give True where one counts")
    return mask.astype(np.bool_)


def _fit(where: str, x: Array, arrays: Mapping[str, Array | None]) -> None:
    """Check that the arguments have shapes that go together."""
    if x.ndim < 2 or x.shape[1] == 0:
        raise UsageError(f"{where}x is {kind_of(x)}: give (N, C, ...), with a channel at least")
    for name in (*ARGUMENTS[1:], *BY_STATISTICS):
        array, shape = arrays[name], x.shape if name == "grad_output" else (x.shape[1],)
        if array is not None and array.shape != shape:
            raise UsageError(f"{where}{name} is {kind_of(array)}: x asks for the shape {shape}")
    if (arrays["running_mean"] is None) != (arrays["running_var"] is None):
        raise UsageError(f"{where}one of running_mean and running_var is missing: record both")
    if (arrays[BY_STATISTICS[0]] is None) != (arrays[BY_STATISTICS[1]] is None):
        raise UsageError(f"{where}one of {' and '.join(BY_STATISTICS)} is missing: record both")


def _case(inputs: Inputs, recorded: Mapping[str, Any]) -> Case:
    per_channel = (inputs.weight, inputs.bias, inputs.running_mean)
    params = [array.dtype.name for array in per_channel if array is not None]
    statistics = params[-1] if inputs.running_mean is not None else None
    return Case(
        shape=inputs.x.shape,
        dtype=inputs.x.dtype.name,
        param_dtype=params[0] if params else inputs.x.dtype.name,
        statistics_dtype=statistics if statistics not in params[:1] else None,
        training=recorded["training"],
        tracked=inputs.running_mean is not None,
        affine=_affine(inputs),
        momentum=recorded["momentum"],
        eps=recorded["eps"],
        gradient=inputs.grad_output is not None,
        mask=_kind_of_mask(inputs),
        statistics_gradients=inputs.grad_running_mean is not None,
    )


def _kind_of_mask(inputs: Inputs) -> Literal["none", "positions", "elements"]:
    if inputs.mask is None:
        return "none"
    return "elements" if inputs.mask.shape == inputs.x.shape else "positions"


def _affine(inputs: Inputs) -> Literal["both", "none", "weight", "bias"]:
    if inputs.weight is None:
        return "none" if inputs.bias is None else "bias"
    return "weight" if inputs.bias is None else "both"


def _reason(recorded: Mapping[str, Any], case: Case, outputs: Mapping[str, Array]) -> str:
    if not outputs:
        return "no output was recorded"
    if not case.training and not case.tracked and recorded.get("tracked") is not False:
        return (
            "inference without recorded running_mean and running_var; if the layer has none, "
            "record tracked as false"
        )
    return ""
