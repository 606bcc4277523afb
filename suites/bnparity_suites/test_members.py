"""The local layers have the members of the framework's own: arguments, attributes, state."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from bnparity.backends import Opened, make, signature
from bnparity.judging import Api

from bnparity_suites.pairs import KINDS_AND_SYNC, SPACE, about, each_api, pair

#: Constructor arguments after the number of channels.
ARGUMENTS: Mapping[Api, tuple[dict[str, Any], ...]] = {
    "torch": (
        {},
        {"eps": 0.5, "momentum": None, "affine": False},
        {"track_running_stats": False, "bias": False},
        {"affine": False, "track_running_stats": False},
        {"dtype": np.dtype("float64")},
    ),
    "mindspore": (
        {},
        {"eps": 0.5, "momentum": 0.3, "affine": False},
        {"gamma_init": 2.5, "beta_init": "ones", "use_batch_statistics": True},
        {"moving_mean_init": 1, "moving_var_init": "zeros", "use_batch_statistics": False},
        {"dtype": np.dtype("float16")},
    ),
}

#: Attributes that come with any module or cell, by what they are: of no use to a layer of NumPy's.
MACHINERY: Mapping[Api, frozenset[str]] = {
    "torch": frozenset({"T_destination", "call_super_init", "dump_patches"}),
    "mindspore": frozenset(
        {
            *("IGNORE_LIST", "T_destination", "arguments_key", "bprop_debug", "cell_init_args"),
            *("cell_type", "cls_name", "compile_cache", "compile_phase", "compiled", "create_time"),
            *("exist_names", "exist_objs", "global_cells", "grad_ops_label", "has_bprop"),
            *("is_top_cell", "jit_config_dict", "mixed_precision_type", "parallel_mode"),
            *("parallel_parameter_merge_net_dict", "parallel_parameter_name_list", "param_prefix"),
            *("parameter_layout_dict", "phase", "phase_cache", "requires_grad"),
            "total_instance_count",
            *("group_name", "is_global", "rank_id", "rank_size"),
        }
    ),
}

#: What the local SyncBatchNorm says to those that bring its ranks together.
OF_RANKS = frozenset({"group", "synchronised", "world"})

#: Members that are arrays, which not every framework lists: they are compared as state.
ARRAYS = frozenset(
    {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
    | {"gamma", "beta", "moving_mean", "moving_variance"}
)

each_kind_and_sync = pytest.mark.parametrize("kind", KINDS_AND_SYNC)
each_arguments = pytest.mark.parametrize(
    ("api", "arguments"),
    [
        pytest.param(api, arguments, id=f"{api}-{arguments}", marks=about(api))
        for api, several in ARGUMENTS.items()
        for arguments in several
    ],
)


@each_api
@each_kind_and_sync
def test_signature_is_the_frameworks(bn_opened: dict[str, Opened], api: Api, kind: str) -> None:
    """Names, order, kinds and defaults of the constructor's parameters."""
    real, local = pair(bn_opened, api)
    assert signature(local, kind) == signature(real, kind)


@each_kind_and_sync
@each_arguments
def test_attributes_are_the_frameworks(
    bn_opened: dict[str, Opened], api: Api, kind: str, arguments: dict[str, Any]
) -> None:
    """The public attributes that are not of the framework's machinery, and what they are."""
    real, local = (make(remote, kind, 3, **arguments) for remote in pair(bn_opened, api))
    names = set(real.members()) - MACHINERY[api] - ARRAYS
    assert set(local.members()) - ARRAYS - OF_RANKS == names
    for name in names:
        assert local.get(name) == real.get(name), name


@each_kind_and_sync
@each_arguments
def test_fresh_state_is_the_frameworks(
    bn_opened: dict[str, Opened], api: Api, kind: str, arguments: dict[str, Any]
) -> None:
    """Names in their order, shapes, formats and values of what is saved."""
    real, local = (make(remote, kind, 3, **arguments) for remote in pair(bn_opened, api))
    states = [
        [(name, array.shape, array.dtype, array.tobytes()) for name, array in layer.state().items()]
        for layer in (real, local)
    ]
    assert states[0] == states[1]


@each_kind_and_sync
@each_arguments
def test_what_trains_is_the_frameworks(
    bn_opened: dict[str, Opened], api: Api, kind: str, arguments: dict[str, Any]
) -> None:
    """The same parameters have gradients."""
    dtype = arguments.get("dtype", np.float32)
    x = np.arange(6 * np.prod(SPACE[kind], dtype=int)).reshape(2, 3, *SPACE[kind]).astype(dtype)
    real, local = (make(remote, kind, 3, **arguments) for remote in pair(bn_opened, api))
    assert set(local(x, x)) == set(real(x, x))
