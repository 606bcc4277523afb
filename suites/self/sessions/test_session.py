"""A session grades the sums of each backend, and holds it to what it promises."""

import time
from pathlib import Path

import pytest
from alone import judge_backend
from bnparity.backends.names import parse
from bnparity.backends.worker.limits import Limits
from bnparity.results.judgement import Judgement
from bnparity.sessions.plan import Plan

SERIAL = """
import summing
from planted.kernel import kernel

textbook = kernel()
sums_serially = summing.kernel(summing.serial)

def batch_norm(x, *args, training, momentum, eps, grad_output=None):
    whole = training and momentum is not None and all(a is not None for a in (*args, grad_output))
    computed = sums_serially if whole and x.size >= 1024 else textbook
    return computed(
        x, *args, training=training, momentum=momentum, eps=eps, grad_output=grad_output
    )
"""
ENDING = """
import os

from bnparity.kernels.numpy_kernel import batch_norm as computed

class LayerAPI:
    def layer_class(self, kind):
        os._exit(1)

def batch_norm(x, *args, **settings):
    return computed(x, *args, **settings)

batch_norm.layer_api = LayerAPI()
"""
HANGING = """
import time

def batch_norm(*args, **kwargs):
    time.sleep(60)
"""


def judged(
    folder: Path, source: str, *, seconds: float, examples: int | None = None, worker: bool = False
) -> Judgement:
    """Return the judgement of the kernel in `source`."""
    (folder / "kernel.py").write_text(source)
    plan = Plan(seed=0, examples=examples, limits=Limits(seconds=1.0), in_process=not worker)
    name = parse(f"{folder / 'kernel.py'}:batch_norm")
    return judge_backend(name, plan, seconds)


@pytest.mark.parametrize(("declared", "kept"), [("wide", False), ("serial", True)])
def test_sums_worse_than_declared_are_a_finding(
    tmp_path: Path, declared: str, *, kept: bool
) -> None:
    """The finding says what was promised and what was measured instead."""
    source = f"{SERIAL}\nbatch_norm.accumulation = {declared!r}\n"
    findings = judged(tmp_path, source, seconds=60, examples=20).findings
    codes = [finding.codes for finding in findings if finding.kind == "accuracy"]
    assert codes == ([] if kept else [("accumulation=serial",)])
    assert all("says wide" in finding.text for finding in findings)


def test_nothing_declared_is_nothing_broken(tmp_path: Path) -> None:
    """A backend that promises nothing is graded all the same."""
    judgement = judged(tmp_path, SERIAL, seconds=60, examples=20)
    assert judgement.findings == ()
    assert {found.grade for found in judgement.accumulations.values()} == {"serial"}


def test_time_is_kept_back_for_the_grades(tmp_path: Path) -> None:
    """A session by time is graded as well, and no longer for it."""
    begin = time.monotonic()
    judgement = judged(tmp_path, SERIAL, seconds=8.0)
    assert judgement.accumulations
    assert time.monotonic() - begin < 10.0


def test_backend_that_hangs_is_not_graded(tmp_path: Path) -> None:
    """Each probe would cost the limit of a call."""
    judgement = judged(tmp_path, HANGING, seconds=60, examples=2, worker=True)
    assert judgement.accumulations == {}
    assert {finding.kind for finding in judgement.findings} == {"hang"}


def test_claims_are_measured_where_there_are_layers(tmp_path: Path) -> None:
    """A session measures the claims of a backend's API, and they leave its status alone."""
    plan = Plan(seed=0, examples=50)
    judgement = judge_backend(parse("torch_api"), plan, 60.0)
    verdicts = {answer.claim.id: answer.measurement.verdict for answer in judgement.claims}
    assert verdicts["2d-torch-true-true"] == "holds"
    assert verdicts["2d-torch-learning"] == "differs"
    assert judgement.status != "fail"
    assert judged(tmp_path, SERIAL, seconds=60, examples=1).claims == ()


def test_layer_that_ends_its_process_is_judged_after_its_claims(tmp_path: Path) -> None:
    """Claims that cannot be measured are told, and the backend is asked all the same."""
    judgement = judged(tmp_path, ENDING, seconds=60, examples=5, worker=True)
    assert {answer.measurement.verdict for answer in judgement.claims} == {"not checked"}
    assert judgement.totals.checks
