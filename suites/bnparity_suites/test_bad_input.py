"""What a framework's layer refuses, the local one refuses: at the same act, with the same type."""

import pytest
from bnparity.backends.open import Opened
from bnparity.trajectory import Api

from bnparity_suites.bad_input import MINDSPORE, TORCH
from bnparity_suites.pairs import pair
from bnparity_suites.trials import Trial, attempt

TRIALS = [
    pytest.param(api, kind, trial, id=f"{api} {kind} {trial}")
    for api, trials in (("torch", TORCH), ("mindspore", MINDSPORE))
    for trial in trials
    for kind in trial.kinds
]


@pytest.mark.parametrize(("api", "kind", "trial"), TRIALS)
def test_layers_refuse_and_follow_alike(
    bn_opened: dict[str, Opened], api: Api, kind: str, trial: Trial
) -> None:
    """Each act is refused by both, with the same type, or both follow the oracle."""
    real, local = (attempt(perform, api, kind, trial) for perform in pair(bn_opened, api))
    if trial.differs:
        assert (real.outcomes, local.outcomes) == (trial.real, trial.local), trial.differs
    else:
        assert real.outcomes == local.outcomes, (real.messages, local.messages)
        assert not [outcome for outcome in real.outcomes if outcome.startswith("astray")]
    for message in local.messages:
        assert [word for word in trial.says if word not in message] == [], message
