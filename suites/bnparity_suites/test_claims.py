"""What documents say of the two APIs, measured on every backend that has layers of them.

A test here fails when a framework changes: then it says so, and what is expected changes with it.
"""

from collections.abc import Mapping
from functools import cache
from typing import get_args

import pytest
from bnparity.backends import BUILT_IN, Opened, Remote
from bnparity.judging import Api
from bnparity.porting import CLAIMS, Claim, Measurement, Verdict, answers

#: Backends with layers of an API; the API's own framework is the first.
BACKENDS: Mapping[Api, tuple[str, ...]] = {
    "torch": ("torch", "torch_api"),
    "mindspore": ("mindspore", "mindspore[graph]", "mindspore_api"),
}

#: Topics in which what is installed differs from what the documents say, and why.
DIFFERS: Mapping[Api, Mapping[str, str]] = {
    "torch": {
        "signature": "PyTorch has gained device, dtype and bias",
        "learning": "weight and bias have gradients in inference; without statistics too",
        "redundant": "no state with running statistics does what those without them do",
    },
    "mindspore": {
        "signature": "MindSpore has gained dtype",
        "update": "told the mode and 1 - momentum, it updates as PyTorch does",
        "eps-range": "eps is in (0, 1], and PyTorch's may be larger",
        "momentum-function": "momentum is in [0, 1], and no average of all batches",
        "statistics": "no value of use_batch_statistics does without running statistics",
        "usage": "a new layer of MindSpore's has to be told to train",
        "checkpoint": "nothing is loaded: inference has what training left, or initial values",
        "saved": "moving_mean and moving_variance are saved as mean and variance",
        "announced-signature": "it was to change after 2.9, and 2.10 has not changed it",
        "announced-momentum": "it was to change after 2.9, and 2.10 has not changed it",
    },
}

#: Differences of single claims.
ALONE = {
    "2d-mindspore-data_format": "NHWC is for GPUs alone",
    "3d-mindspore-statistics-named": "they are bn2d.moving_mean and bn2d.moving_variance",
}

#: What the local layers do that the frameworks do not do on this device.
LOCAL_HOLDS = ("2d-mindspore-data_format",)

#: What takes more than a layer in one process.
NOT_CHECKED = ("across-devices", "groups-same", "grad_fn")

CASES = [
    pytest.param(claim, backend, id=f"{backend}-{claim.id}", marks=pytest.mark.bn_about(base))
    for claim in CLAIMS
    for backend in BACKENDS[claim.api]
    if (base := backend.partition("[")[0]) in BUILT_IN
]


@cache
def measured(remote: Remote, api: Api) -> dict[str, Measurement]:
    """Return what is measured on the layers of one backend, once."""
    return {answer.claim.id: answer.measurement for answer in answers(remote, api)}


@pytest.mark.parametrize(("claim", "backend"), CASES)
def test_claim_is_as_true_as_expected(
    claim: Claim, backend: str, bn_opened: dict[str, Opened]
) -> None:
    """Each claim holds, but for those known to differ from what is installed."""
    opened = bn_opened[backend]
    if opened.remote is None:
        pytest.skip(opened.reason)
    measurement = measured(opened.remote, claim.api)[claim.id]
    assert measurement.verdict == expected(claim, backend), measurement.evidence


@pytest.mark.bn_about("torch", "torch_api", "mindspore", "mindspore_api")
@pytest.mark.parametrize("api", get_args(Api))
def test_everything_expected_to_differ_is_a_claim(api: Api) -> None:
    """No topic is listed that no claim is about."""
    topics = {topic_of(claim) for claim in CLAIMS if claim.api == api}
    assert set(DIFFERS[api]) <= topics
    assert set(ALONE) <= {claim.id for claim in CLAIMS}


def expected(claim: Claim, backend: str) -> Verdict:
    """Return the verdict that is known of a claim."""
    topic = topic_of(claim)
    if topic in NOT_CHECKED:
        return "not checked"
    if backend.endswith("_api") and claim.id in LOCAL_HOLDS:
        return "holds"
    known = topic in DIFFERS[claim.api] or claim.id in ALONE
    return "differs" if known else "holds"


def topic_of(claim: Claim) -> str:
    """Return what a claim is about, without its page and its API."""
    return claim.id.partition(f"-{claim.api}-")[2]
