"""The worlds in which claims are tested: one as documented for each API, and what is planted."""

from collections.abc import Mapping
from typing import Any

from bnparity.judging.trajectory import Api
from bnparity.porting.claims.parameters import TORCH
from bnparity_reference import Dialect

from documented.world import ABSENT, World

_ANY_RANK = (2, 3, 4, 5)
_OTHER_NAMES = ("scale", "shift", "mu", "sigma2")

#: What the announced signatures do without.
_WITHOUT = dict.fromkeys(
    (
        "gamma_init",
        "beta_init",
        "moving_mean_init",
        "moving_var_init",
        "use_batch_statistics",
        "data_format",
        "process_groups",
    ),
    ABSENT,
)

#: What is planted, by name, for either API.
BOTH: Mapping[str, Mapping[str, Any]] = {
    "as documented": {},
    "another default eps": {"parameters": {"eps": 1e-3}},
    "one parameter more": {"parameters": {"dtype": None}},
    "biased running variance": {"dialect": Dialect(running_variance="biased")},
    "momentum the other way": {"dialect": Dialect(momentum="old")},
    "unbiased variance normalises": {"dialect": Dialect(normalizing_variance="unbiased")},
    "inference moves the statistics": {"dialect": Dialect(running_update="always")},
    "running statistics in training": {"dialect": Dialect(train_statistics="running")},
    "batch statistics in inference": {"dialect": Dialect(eval_statistics="batch")},
    "statistics never move": {"dialect": Dialect(running_update="never")},
    "constant statistics in the gradient": {"dialect": Dialect(grad_statistics="constant")},
    "eps is ignored": {"dialect": Dialect(eps="ignored")},
    "every rank is taken": {"ranks": _ANY_RANK},
    "four ranks but one are refused": {"ranks": (2,)},
    "the input has another name": {"input_name": "data"},
    "the state has other names": {"saved": _OTHER_NAMES},
    "a channel more": {"wide": 1},
    "weight and bias learn though fixed": {"learns_fixed": True},
    "scale and shift change places": {"swaps": True},
    "momentum None is refused": {"refused": (("momentum", None),)},
    "eps above 1 is refused": {"refused": (("eps", 2.0),)},
    "no argument matters": {
        "ignored": (
            "track_running_stats",
            "use_batch_statistics",
            "gamma_init",
            "beta_init",
            "moving_mean_init",
            "moving_var_init",
            "data_format",
        )
    },
    "it starts in inference": {"starts": False},
    "it starts in training": {"starts": True},
    "groups have another name": {
        "parameters": {"process_group": ABSENT, "process_groups": ABSENT, "group": None}
    },
}

#: What is planted in layers of one API.
OF: Mapping[Api, Mapping[str, Mapping[str, Any]]] = {
    "torch": {
        "another default momentum": {"parameters": {"momentum": 0.2}},
        "MindSpore's parameters": {
            "parameters": dict.fromkeys(
                ("gamma_init", "beta_init", "moving_mean_init", "moving_var_init"), "ones"
            )
            | {"data_format": "NCHW"}
        },
        "other default statistics": {"parameters": {"track_running_stats": False}},
        "inference learns without statistics": {"learns_untracked": True},
    },
    "mindspore": {
        "another default momentum": {"parameters": {"momentum": 0.1}},
        "NHWC is refused": {"refused": (("data_format", "NHWC"),)},
        "use_batch_statistics leaves the statistics": {"statistics_stand": True},
        "nothing is loaded in inference": {"reloads": False},
        "BatchNorm3d wraps nothing": {"wraps": False},
        "saved under the names of attributes": {
            "saved": ("gamma", "beta", "moving_mean", "moving_variance")
        },
        "the announced signature": {"parameters": {**_WITHOUT, **TORCH, "dtype": None}},
        "the announced signature, with a group": {
            "parameters": {**_WITHOUT, **TORCH, "process_group": None, "dtype": None}
        },
    },
}


def worlds(api: Api) -> dict[str, World]:
    """Return every world of an API by what is planted in it."""
    return {name: World(api=api, **fields) for name, fields in {**BOTH, **OF[api]}.items()}
