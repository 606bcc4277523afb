"""Over time: train and eval, batches of every size, attributes set, states saved and loaded."""

import hypothesis
from bnparity.backends import Opened
from bnparity.judging import Api
from bnparity.sessions import without_local_constants
from hypothesis.stateful import run_state_machine_as_test

from bnparity_suites.lockstep import lockstep
from bnparity_suites.pairs import each_api, pair

SETTINGS = hypothesis.settings(
    max_examples=100,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@each_api
def test_local_layer_follows_the_framework_over_time(
    bn_opened: dict[str, Opened], api: Api
) -> None:
    """In whatever order things happen, both keep within the bound and refuse the same."""
    real, local = pair(bn_opened, api)
    with without_local_constants():
        run_state_machine_as_test(lockstep(api, real, local), settings=SETTINGS)
