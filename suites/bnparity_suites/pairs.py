"""The local layers next to the framework's own, told the same and held to do the same."""

from collections.abc import Mapping

import pytest
from bnparity.backends import Opened, Remote
from bnparity.judging import Api

#: The backend that imitates the layers of each API.
LOCAL: Mapping[Api, str] = {"torch": "torch_api", "mindspore": "mindspore_api"}

KINDS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")
#: With the layer that synchronises: its one rank is alone.
KINDS_AND_SYNC = (*KINDS, "SyncBatchNorm")

#: A batch of three channels for each kind, what it has behind the channels.
SPACE: Mapping[str, tuple[int, ...]] = {
    "BatchNorm1d": (),
    "BatchNorm2d": (2, 2),
    "BatchNorm3d": (2, 1, 2),
    "SyncBatchNorm": (2, 2),
}


def about(api: Api) -> pytest.MarkDecorator:
    """Mark what is about the layers of one API: nobody else's backend has it run."""
    return pytest.mark.bn_about(api, LOCAL[api])


each_api = pytest.mark.parametrize("api", [pytest.param(api, marks=about(api)) for api in LOCAL])


def pair(opened: Mapping[str, Opened], api: Api) -> tuple[Remote, Remote]:
    """Return what drives the framework's layers and the local ones; skip without a framework."""
    real, local = opened[api], opened[LOCAL[api]]
    if real.remote is None:
        pytest.skip(real.reason)
    assert local.remote is not None, local.reason
    return real.remote, local.remote
