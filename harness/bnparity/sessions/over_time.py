"""Layers followed over steps of their own state: a case is a call by itself, and shows less."""

import math
import time
from collections.abc import Mapping
from typing import Any

from bnparity.backends import LayerError, Opened
from bnparity.judging import Api, Drift, measure_drift
from bnparity.results import Judgement, of_layer_error, over_time
from bnparity.sessions.plan import Plan

#: The APIs whose layers can be driven, by the dialect they follow.
APIS: Mapping[str, Api] = {"torch": "torch", "mindspore": "mindspore"}


def follow(judgement: Judgement, backend: Opened, plan: Plan, end: float = math.inf) -> None:
    """Measure the layers behind a backend over time until `end`, if it is still there.

    What cases have shown of an output already is not told again.
    """
    gone = {finding.kind for finding in judgement.findings} & {"crash", "hang"}
    if gone or judgement.reason or time.monotonic() > end:
        return
    try:
        judgement.drift = _measured(backend, plan, end)
    except LayerError as refused:
        if refused.type != "NotImplementedError":
            judgement.findings = (*judgement.findings, of_layer_error(refused))
        return
    if judgement.drift is not None:
        shown = {name for found in judgement.findings for name in (found.output, *found.outputs)}
        judgement.findings = (*judgement.findings, *over_time(judgement.drift, shown))


def _measured(backend: Opened, plan: Plan, end: float) -> Drift | None:
    """Return the drift of a backend's layers; None where it has none that can be driven."""
    said = backend.capabilities
    if backend.remote is None:
        return None
    if not said.taken_for:
        api = APIS.get(said.dialect)
        return None if api is None else measure_drift(backend.remote, api, deadline=end)
    rank = min(said.ranks)
    about: dict[str, Any] = {"kind": str(rank), "rank": rank, "deadline": end}
    if said.channels:
        about["channels"] = said.channels
    dialect = plan.dialect or said.dialect
    dtype = "float32" if "float32" in said.dtypes else said.dtypes[0]
    return measure_drift(backend.remote, dialect, dtype=dtype, **about)
