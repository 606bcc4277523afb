"""The constructors of both APIs: parameters, their order and defaults.

Read from torch 2.13 and MindSpore 2.10, and compared with the installed ones by the tests.
"""

from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from bnparity.backends import UsageError, did_you_mean

Api: TypeAlias = Literal["torch", "mindspore"]

APIS: tuple[Api, ...] = get_args(Api)
KINDS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")

#: The initialisers of MindSpore's layers, and the state that each fills.
INITIALISED: MappingProxyType[str, str] = MappingProxyType(
    {
        "gamma_init": "gamma",
        "beta_init": "beta",
        "moving_mean_init": "moving_mean",
        "moving_var_init": "moving_variance",
    }
)


def other(api: Api) -> Api:
    """Return the API that is not `api`."""
    return "mindspore" if api == "torch" else "torch"


def api_called(name: str) -> Api:
    """Return the API called `name`.

    Raises
    ------
    UsageError
        If there is none.
    """
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
        hint = did_you_mean(kind, KINDS)
        raise UsageError(
            f"{kind!r} is not a layer to translate: choose from {', '.join(KINDS)}{hint}"
        )
    return _torch(kind) if api == "torch" else _mindspore(kind)


def _torch(kind: str) -> Signature:
    group = {"process_group": None} if kind == "SyncBatchNorm" else {}
    defaults = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}
    bias = Parameter("bias", Parameter.KEYWORD_ONLY, default=True)
    return _signature({**defaults, **group, "device": None, "dtype": None}, bias)


def _mindspore(kind: str) -> Signature:
    own: dict[str, dict[str, Any]] = {
        "BatchNorm3d": {},
        "SyncBatchNorm": {"process_groups": None},
    }
    return _signature(
        {
            "eps": 1e-5,
            "momentum": 0.9,
            "affine": True,
            "gamma_init": "ones",
            "beta_init": "zeros",
            "moving_mean_init": "zeros",
            "moving_var_init": "ones",
            "use_batch_statistics": None,
            **own.get(kind, {"data_format": "NCHW"}),
            "dtype": "float32",
        }
    )


def _signature(defaults: dict[str, Any], *keyword_only: Parameter) -> Signature:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    optional = [Parameter(name, kind, default=value) for name, value in defaults.items()]
    return Signature([Parameter("num_features", kind), *optional, *keyword_only])
