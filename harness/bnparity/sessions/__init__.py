"""The main job and the long job: cases drawn, asked, judged, counted, shrunk and diagnosed.

May import `results`, which it fills, and what that may import.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bnparity.sessions.by_cases import judge_by_cases
from bnparity.sessions.campaign.aggregates import Overview, overview
from bnparity.sessions.campaign.cluster import run_on_cluster
from bnparity.sessions.campaign.conditions import begin, register
from bnparity.sessions.campaign.job import Task
from bnparity.sessions.campaign.jobs import run_jobs
from bnparity.sessions.campaign.on_ray import LOCAL, check_ray, is_address, on_ray
from bnparity.sessions.campaign.store import Store, stored
from bnparity.sessions.campaign.summary import cases_found, judgement_of, known_judgements
from bnparity.sessions.edges import edges_of
from bnparity.sessions.evaluation import BLOCK, Evaluation
from bnparity.sessions.findings import findings_of
from bnparity.sessions.kept import findings_at, read_finding
from bnparity.sessions.over_time import follow
from bnparity.sessions.part import Part
from bnparity.sessions.plan import OpenBackends, Plan, loadable, unjudged
from bnparity.sessions.recorded import (
    SETTINGS,
    RecordedCall,
    Spelling,
    dialect_of_sheet,
    judge_recorded,
    read_dump,
    recorded_call,
    write_sheet,
)
from bnparity.sessions.replay import replay_finding
from bnparity.sessions.search import without_local_constants
from bnparity.sessions.session import Along, Progress
from bnparity.sessions.together import judge_backends

if TYPE_CHECKING:
    from bnparity.sessions.parity import (
        LayerParity,
        compare_models,
        layers_running,
        recording_of,
        verify_port,
    )

_OF_PARITY = {"LayerParity", "compare_models", "layers_running", "recording_of", "verify_port"}


def __getattr__(name: str) -> Any:
    """Return what proves ports when it is asked for: few sessions need the room that ports."""
    if name in _OF_PARITY:
        return getattr(import_module("bnparity.sessions.parity"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
