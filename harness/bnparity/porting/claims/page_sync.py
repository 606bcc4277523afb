"""The page on SyncBatchNorm, in English; its address and its versions are not known."""

from bnparity.porting.claims import parameters, values
from bnparity.porting.claims.claim import Claim, Document, not_checked
from bnparity.porting.claims.page import (
    MODES,
    ROWS,
    Page,
    mode_tables,
    overview,
    relation,
    rows,
    signatures,
    starting_modes,
)

PAGE = Page(
    name="sync",
    kind="SyncBatchNorm",
    ranks=(2, 4),
    document=Document(
        title="Differences with torch.nn.SyncBatchNorm",
        language="English",
        version="MindSpore and PyTorch, not said which",
    ),
)

_INITIALISES = (
    "{0}: PyTorch does not have this parameter, and MindSpore can initialize the value of the "
    "parameter {1}"
).format

_SAID = {
    **ROWS,
    "momentum": "Consistent functionality, but the default value is 0.1 in PyTorch and 0.9 in "
    "MindSpore. The conversion relationship with PyTorch momentum is 1-momentum with the same "
    "default behavior as PyTorch",
    "function": "momentum: Consistent functionality",
    "statistics": "track_running_stats | use_batch_statistics | Consistent function. Different "
    "values correspond to different default methods.",
    "gamma_init": _INITIALISES("gamma_init", "gamma"),
    "beta_init": _INITIALISES("beta_init", "beta"),
    "moving_mean_init": _INITIALISES("moving_mean_init", "moving_mean"),
    "moving_var_init": _INITIALISES("moving_var_init", "moving_var"),
    "same": "MindSpore API is basically the same as PyTorch",
    "update": "The training and the parameter update strategy during inference are different from "
    "PyTorch.",
}
#: The page as it was given lacks the ends of some cells.
_MODES = {
    **MODES,
    "true-true": "training True, track_running_stats True: Expected training status.",
    "true-false": "training True, track_running_stats False: Each group of input data is "
    "normalized based on the statistics feature of the current batch, but the ...",
    "false-true": "training False, track_running_stats True: Expected inference status. The BN "
    "uses ...",
    "true": "use_batch_statistics True: Expected training status.",
    "false": "use_batch_statistics False: Expected inference status. The BN uses ...",
    "none": "use_batch_statistics=None",
}
_RANKS = "Interface input. MindSpore only supports 2-D and 4-D input"
_SEVERAL = "it takes several processes, each with a device of its own"
_GROUPS = "process_group | process_groups | - (no difference)"

CLAIMS: tuple[Claim, ...] = (
    *signatures(PAGE, {"process_groups": None}, {"process_group": None}),
    *PAGE.both(
        "across-devices",
        "Remote cross-device synchronous batch normalization of input data.",
        not_checked(_SEVERAL),
    ),
    PAGE.claim(
        "groups", "torch", _GROUPS, parameters.parameter_is(PAGE.kind, "process_group", None)
    ),
    PAGE.claim(
        "groups", "mindspore", _GROUPS, parameters.parameter_is(PAGE.kind, "process_groups", None)
    ),
    *PAGE.both("groups-same", _GROUPS, not_checked(f"whether they group alike: {_SEVERAL}")),
    *overview(PAGE, _SAID),
    *rows(PAGE, _SAID),
    PAGE.claim("ranks", "torch", _RANKS, values.takes_ranks(PAGE.kind, 2, 3, 4, 5)),
    PAGE.claim("ranks", "mindspore", _RANKS, values.takes_ranks(PAGE.kind, 2, 4)),
    PAGE.claim("input", "torch", "input | x", values.input_is(PAGE.kind, "input", 2, 3, 4, 5)),
    PAGE.claim("input", "mindspore", "input | x", values.input_is(PAGE.kind, "x", 2, 4)),
    *mode_tables(PAGE, _MODES),
    *starting_modes(PAGE, _MODES),
    *relation(PAGE, "The conversion relationship with PyTorch momentum is 1-momentum", 0.2, 1.0),
)
