"""Every claim can hold and can fail: planted layers make it do either."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from bnparity.backends.layer_api import LayerServer
from bnparity.backends.remote_layer import Remote
from bnparity.judging.trajectory import Api
from bnparity.porting.claims.catalogue import CLAIMS, answers
from bnparity.porting.claims.claim import Claim, Measure, Measurement, answer, holds
from bnparity.porting.claims.subject import Subject
from documented.world import World
from documented.worlds import worlds

#: What cannot be measured on one layer in one process, and says so.
UNMEASURABLE = {
    "sync-torch-across-devices",
    "sync-torch-groups-same",
    "sync-mindspore-across-devices",
    "sync-mindspore-groups-same",
    "2d-r1.10-torch-grad_fn",
}


def remote_of(world: World) -> Remote:
    """Return what answers requests about the layers of a world, in this process."""
    return LayerServer(layer_api=world).answer


@cache
def measured(api: Api, planted: str) -> Mapping[str, Measurement]:
    """Return what is measured in a world, by the ids of the claims."""
    world = worlds(api)[planted]
    return {answer.claim.id: answer.measurement for answer in answers(remote_of(world), api)}


def answer_of(measure: Measure) -> Measurement:
    """Return what is measured of a claim about torch's layers as documented."""
    claim = replace(CLAIMS[0], measure=measure)
    subject = Subject(remote=remote_of(World(api="torch")), api="torch", kind=claim.kind)
    return answer(claim, subject).measurement


def topics_that_change(api: Api, planted: str) -> set[str]:
    """Return the topics of the claims that were true as documented, and are no longer."""
    before, after = measured(api, "as documented"), measured(api, planted)
    changed = [i for i, m in before.items() if m.verdict == "holds" and after[i].verdict != "holds"]
    return {identity.partition(f"-{api}-")[2] for identity in changed}


def test_ids_are_unique() -> None:
    """A claim can be named."""
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_claim_can_hold_and_can_differ(claim: Claim) -> None:
    """In some world the claim holds, in some other it differs; or it is never checked."""
    verdicts = {measured(claim.api, planted)[claim.id].verdict for planted in worlds(claim.api)}
    if claim.id in UNMEASURABLE:
        assert verdicts == {"not checked"}
    else:
        assert verdicts >= {"holds", "differs"}


@pytest.mark.parametrize("api", ["torch", "mindspore"])
def test_layers_as_documented_follow_the_documents(api: Api) -> None:
    """Nothing differs but what the documents themselves contradict elsewhere."""
    contradicted = {
        "update",  # differs from PyTorch's, and the function is the same
        "statistics",  # the function is the same, and True updates
        "redundant",  # and yet unlike any other
        "saved",  # as moving_mean, and as mean
        "announced-signature",
        "announced-momentum",
    }
    found = measured(api, "as documented")
    differing = {i.partition(f"-{api}-")[2] for i, m in found.items() if m.verdict == "differs"}
    assert differing <= contradicted


@pytest.mark.parametrize(
    ("api", "planted", "topics"),
    [
        ("torch", "one parameter more", {"signature"}),
        ("torch", "every rank is taken", {"input", "ranks"}),
        ("torch", "the input has another name", {"input"}),
        ("torch", "weight and bias learn though fixed", {"affine"}),
        ("torch", "momentum None is refused", {"momentum-function"}),
        ("torch", "eps above 1 is refused", {"eps-range"}),
        ("torch", "inference moves the statistics", {"false-true", "function"}),
        ("torch", "it starts in inference", {"example", "starts", "usage"}),
        ("torch", "inference learns without statistics", {"learning"}),
        (
            "torch",
            "constant statistics in the gradient",
            {
                "affine",
                "function",
                "momentum-default",
                "starts",
                "true-false",
                "false-false",
                "true-true",
                "usage",
            },
        ),
        ("mindspore", "it starts in training", {"example", "starts"}),
        ("mindspore", "NHWC is refused", {"data_format"}),
        ("mindspore", "use_batch_statistics leaves the statistics", {"true", "two-states"}),
        ("mindspore", "nothing is loaded in inference", {"checkpoint"}),
        ("mindspore", "BatchNorm3d wraps nothing", {"bn2d"}),
        ("mindspore", "saved under the names of attributes", {"statistics-named"}),
        ("mindspore", "groups have another name", {"groups", "signature"}),
    ],
)
def test_planted_layer_contradicts_no_other_claims(
    api: Api, planted: str, topics: set[str]
) -> None:
    """What is planted is told by the claims that are about it."""
    assert topics_that_change(api, planted) == topics


def test_claim_on_a_process_that_is_gone_is_not_checked() -> None:
    """A crash is no difference, and nothing holds after it."""
    bench = remote_of(World(api="torch"))
    gone = {"raised": {"type": "crash", "message": "the process is gone"}, "value": None}

    def dying(request: Mapping[str, Any], arrays: Mapping[str, Any]) -> Any:
        return (gone, {}) if request["method"] in ("make", "call") else bench(request, arrays)

    verdicts = {a.claim.id: a.measurement.verdict for a in answers(dying, "torch")}
    by_signature = {i for i, verdict in verdicts.items() if verdict != "not checked"}
    assert {i.partition("-torch-")[2] for i in by_signature} <= {
        *("signature", "eps", "momentum", "statistics", "groups", "data_format"),
        *("gamma_init", "beta_init", "moving_mean_init", "moving_var_init"),
    }


def test_class_that_is_not_there_is_told() -> None:
    """Claims about a class that a backend has not are not checked, and say why."""
    bench = remote_of(World(api="torch"))
    raised = {"type": "AttributeError", "message": "no attribute 'SyncBatchNorm'"}

    def without(request: Mapping[str, Any], arrays: Mapping[str, Any]) -> Any:
        if request.get("kind") == "SyncBatchNorm":
            return {"raised": raised, "value": None}, {}
        return bench(request, arrays)

    found = {a.measurement for a in answers(without, "torch") if a.claim.kind == "SyncBatchNorm"}
    assert {measurement.verdict for measurement in found} == {"not checked"}
    assert all("it has no SyncBatchNorm" in measurement.evidence for measurement in found)


def test_answers_that_make_no_sense_are_told() -> None:
    """A driver that returns another shape than it should is not taken for a layer that differs."""

    def senseless(subject: Subject) -> Measurement:
        raise KeyError("running_mean")

    measurement = answer_of(senseless)
    assert measurement.verdict == "not checked"
    assert "KeyError" in measurement.evidence


def test_exception_where_something_works_differs() -> None:
    """A layer that raises where the document says that it works does not follow it."""

    def raising(subject: Subject) -> Measurement:
        subject.make(no_such_parameter=1)
        return holds(True, "it was made")

    measurement = answer_of(raising)
    assert measurement.verdict == "differs"
    assert "TypeError" in measurement.evidence


def test_layers_are_called_until_the_deadline() -> None:
    """After it, what takes a call is not checked; what does not, is."""
    remote = remote_of(World(api="torch"))
    late = {a.claim.id: a.measurement for a in answers(remote, "torch", deadline=-math.inf)}
    assert late["2d-torch-signature"].verdict == "holds"
    assert late["2d-torch-true-true"].verdict == "not checked"
    assert "used up" in late["2d-torch-true-true"].evidence
    in_time = answers(remote, "torch", deadline=time.monotonic() + 60)
    assert "2d-torch-true-true" in {a.claim.id for a in in_time if a.measurement.verdict == "holds"}
