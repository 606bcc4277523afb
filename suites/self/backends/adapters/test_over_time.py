"""A layer of one's own is followed over steps of its own state: what it hides shows there."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from bnparity.backends.environments import environment_of, made_environments
from bnparity.backends.names import parse
from bnparity.results.findings import Finding
from bnparity.results.judgement import Judgement
from bnparity.sessions.over_time import follow
from bnparity.sessions.plan import Plan, unjudged

AUTHORED = Path(__file__).parents[2] / "authored"

TIRED = """
import torch

class Tired(torch.nn.BatchNorm1d):
    "Keeps its statistics after 20 batches, as a warm-up that ends does."

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        self.calls_left = 20

    def forward(self, x):
        before = self.running_mean.clone(), self.running_var.clone()
        y = super().forward(x)
        self.calls_left -= self.training
        if self.calls_left < 0:
            self.running_mean.copy_(before[0]), self.running_var.copy_(before[1])
        return y

class Raises(torch.nn.BatchNorm1d):
    def forward(self, x):
        if self.num_batches_tracked > 10:
            raise ValueError("tired")
        return super().forward(x)
"""


def followed(target: str, *, in_process: bool, found: tuple[Finding, ...] = ()) -> Judgement:
    """Return what following the layers of a target tells, after what has been `found` of it."""
    name, plan = parse(target), Plan(in_process=in_process)
    judgement = unjudged(name)
    judgement.findings = found
    with plan.opened(name) as backend:
        follow(judgement, backend, plan)
    return judgement


@pytest.fixture
def tired(tmp_path: Path) -> Path:
    """Return a file with layers in which something ends after some steps."""
    path = tmp_path / "tired.py"
    path.write_text(TIRED)
    return path


def test_right_layer_drifts_as_rounding_explains() -> None:
    """Each output of each step is right, and statistics go no further than rounding takes them."""
    judgement = followed(f"{AUTHORED}/torch_layers.py:Centred", in_process=True)
    assert judgement.drift is not None
    assert judgement.findings == ()
    assert set(judgement.drift.statistics) == {"running_mean", "running_var"}
    assert all(0.0 < found.share <= 1.0 for found in judgement.drift.statistics.values())


def test_what_changes_after_some_steps_is_found(tired: Path) -> None:
    """A layer that a single call finds right is wrong where its counter has run out."""
    judgement = followed(f"{tired}:Tired", in_process=True)
    assert judgement.drift is not None
    assert judgement.drift.beyond == ("running_mean", "running_var")
    assert judgement.drift.wrong["running_mean"].first == 28
    (finding,) = judgement.findings
    assert finding.kind == "semantics"
    assert "over 100 steps from its own state" in finding.text


def test_what_cases_have_shown_is_not_told_again(tired: Path) -> None:
    """An output of which there is a finding has no other of its drift."""
    shown = ("running_mean", "running_var")
    known = Finding(id="1", output=shown[0], outputs=shown, kind="semantics", text="", count=1)
    judgement = followed(f"{tired}:Tired", in_process=True, found=(known,))
    assert judgement.drift is not None
    assert judgement.findings == (known,)


def test_layer_that_raises_on_its_way_is_a_finding(tired: Path) -> None:
    """What it raised after some steps is told."""
    judgement = followed(f"{tired}:Raises", in_process=True)
    (finding,) = judgement.findings
    assert finding.kind == "error"
    assert "ValueError: tired" in finding.text


def test_initial_value_that_is_never_left_out_is_found() -> None:
    """Equinox's averages by batch begin with a variance of 1 and divide as if it had been 0."""
    if environment_of("equinox") not in made_environments() and find_spec("equinox") is None:
        pytest.skip("there is no Equinox, neither here nor in an environment")
    judgement = followed(f"{AUTHORED}/equinox_layers.py:of_batch", in_process=False)
    assert judgement.drift is not None
    assert judgement.drift.beyond == ("running_var",)
    assert judgement.drift.wrong["running_var"].first == 2
    assert [found.output for found in judgement.findings] == ["running_var"]
