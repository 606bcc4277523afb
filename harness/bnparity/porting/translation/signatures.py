"""The constructors of both APIs: parameters, their order and defaults.

Read from torch 2.13 and MindSpore 2.10, and compared with the installed ones by the tests.
"""

from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any, Literal, TypeAlias, get_args

from bnparity.backends import UsageError, did_you_mean

Api: TypeAlias = Literal["torch", "mindspore"]

APIS: tuple[Api, ...] = get_args(Api)
KINDS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")

#: The initialisers of MindSpore's layers, and the state that each fills.
INITIALISED: Mapping[str, str] = {
    "gamma_init": "gamma",
    "beta_init": "beta",
    "moving_mean_init": "moving_mean",
    "moving_var_init": "moving_variance",
}


def other(api: Api) -> Api:
    """Return the API that is not `api`."""
    return "mindspore" if api == "torch" else "torch"


def api_called(name: str) -> Api:
    """Return the API called `name`; a `UsageError` is raised if there is none."""
    for api in APIS:
        if name == api:
            return api
    hint = did_you_mean(name, APIS)
    raise UsageError(f"{name!r} is not an API to translate: choose from {', '.join(APIS)}{hint}")


def signature(api: Api, kind: str) -> Signature:
    """Return the signature of the constructor of the layer `kind`, without annotations.

    Raises
    ------
    UsageError
        If the API has no such layer.

    Examples
    --------
    >>> signature("mindspore", "BatchNorm3d").parameters["momentum"].default
    0.9
    """
    if kind not in KINDS:
        known, hint = ", ".join(KINDS), did_you_mean(kind, KINDS)
        raise UsageError(f"{kind!r} is not a layer to translate: choose from {known}{hint}")
    defaults = _of_torch(kind) if api == "torch" else _of_mindspore(kind)
    either, by_name = Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY
    optional = [
        Parameter(name, by_name if name == "bias" else either, default=value)
        for name, value in defaults.items()
    ]
    return Signature([Parameter("num_features", either), *optional])


def _of_torch(kind: str) -> dict[str, Any]:
    first = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}
    group = {"process_group": None} if kind == "SyncBatchNorm" else {}
    return {**first, **group, "device": None, "dtype": None, "bias": True}


def _of_mindspore(kind: str) -> dict[str, Any]:
    first = {"eps": 1e-5, "momentum": 0.9, "affine": True}
    initial = dict(zip(INITIALISED, ("ones", "zeros", "zeros", "ones"), strict=True))
    apart: dict[str, Any] = {"BatchNorm3d": {}, "SyncBatchNorm": {"process_groups": None}}
    own = apart.get(kind, {"data_format": "NCHW"})
    return {**first, **initial, "use_batch_statistics": None, **own, "dtype": "float32"}
