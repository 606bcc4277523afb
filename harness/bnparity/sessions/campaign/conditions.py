"""What has to be the same for the whole of a campaign: a block depends on all of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import hypothesis
import numpy as np

from bnparity import __version__
from bnparity.backends import Limits
from bnparity.sessions.evaluation import BLOCK
from bnparity.sessions.plan import Plan

SCHEMA = "bnparity-campaign/1"

#: How a command says what a campaign was begun with.
_OPTIONS: Mapping[str, str] = {
    "seed": "--seed",
    "dtypes": "--dtype",
    "dialect": "--dialect",
    "seconds": "--timeout",
    "memory": "--memory",
    "restarts": "--restarts",
}


def conditions_of(plan: Plan) -> dict[str, Any]:
    """Return the conditions of a campaign by `plan`: it, and what draws and judges by it."""
    return {
        "schema": SCHEMA,
        "bnparity": __version__,
        "hypothesis": hypothesis.__version__,
        "numpy": np.__version__,
        "block": BLOCK,
        "seed": plan.seed,
        "dtypes": None if plan.dtypes is None else list(plan.dtypes),
        "dialect": plan.dialect,
        **asdict(plan.limits),
        "in_process": plan.in_process,
    }


def plan_in(conditions: Mapping[str, Any]) -> Plan:
    """Return the plan of the campaign that was begun under `conditions`."""
    dtypes = conditions["dtypes"]
    return Plan(
        seed=conditions["seed"],
        dialect=conditions["dialect"],
        dtypes=None if dtypes is None else tuple(dtypes),
        limits=Limits(**{each.name: conditions[each.name] for each in fields(Limits)}),
        in_process=conditions["in_process"],
    )


def difference(name: str, held: Any, asked: Any) -> str:
    """Return in words that a state holds results of `held` while `asked` is asked for.

    Examples
    --------
    >>> difference("seed", 3, 0)
    'it was begun with --seed 3, not 0: say --seed 3'
    >>> difference("numpy", "2.0.1", "2.4.0")
    'it was begun with numpy 2.0.1, not 2.4.0: use that'
    """
    if name == "in_process":
        with_it = "say --in-process" if held else "leave out --in-process"
        return f"it was begun {'with' if held else 'without'} --in-process: {with_it}"
    said, wanted = _in_words(held), _in_words(asked)
    option = _OPTIONS.get(name)
    if option is None:
        return f"it was begun with {name} {said}, not {wanted}: use that"
    remedy = f"leave out {option}" if held is None else f"say {option} {said}"
    return f"it was begun with {option} {said}, not {wanted}: {remedy}"


def _in_words(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else json.dumps(value).strip('"')
