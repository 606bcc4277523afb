"""What has to be the same for the whole of a campaign: a block depends on all of it.

These are the conditions that it was begun with, and what each backend says of itself.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

import hypothesis
import numpy as np

from bnparity import __version__
from bnparity.backends import Limits, Name, Opened, opened
from bnparity.cases import declaration
from bnparity.sessions.campaign.afresh import start_afresh
from bnparity.sessions.campaign.source import digests_of, is_same
from bnparity.sessions.campaign.store import SCHEMA, Store
from bnparity.sessions.evaluation import BLOCK
from bnparity.sessions.plan import Plan

#: How a command says what a campaign was begun with.
_OPTIONS: Mapping[str, str] = {
    "seed": "--seed",
    "dtypes": "--dtype",
    "dialect": "--dialect",
    "seconds": "--timeout",
    "memory": "--memory",
    "restarts": "--restarts",
}


def begin(store: Store, plan: Plan) -> None:
    """Note the conditions of a campaign by `plan`, or compare them with those that it has.

    A `UsageError` if the state is another campaign's.
    """
    with store.transaction() as connection:
        held = store.conditions()
        if not held:
            rows = [(name, json.dumps(value)) for name, value in _conditions_of(plan).items()]
            connection.executemany("INSERT INTO conditions VALUES (?, ?)", rows)
            return
    if why := other_conditions(held, plan):
        store.refuse(why)


def other_conditions(held: Mapping[str, Any], plan: Plan) -> str:
    """Return why blocks by `plan` do not belong to a campaign begun under those `held`, if so."""
    asked = _conditions_of(plan).items()
    return next((difference(n, held.get(n), v) for n, v in asked if held.get(n) != v), "")


def _conditions_of(plan: Plan) -> dict[str, Any]:
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


def register(store: Store, name: Name, plan: Plan, tell: Callable[[str], None]) -> str:
    """Note a backend in the state; return why it cannot be asked, nothing if it can.

    If its source is not what it was, its part of the campaign starts afresh, and `tell` is told. A
    `UsageError` if it is no backend, or another version of what the state has results of.
    """
    with opened(name) as backend:
        if backend.ask is None:
            return backend.reason
        facts = {**facts_of(backend, plan), "source": _source(name, backend)}
    if not facts["dtypes"]:
        return plan.takes_none
    declaration(facts["dialect"])
    held = _noted(store, name.text, facts)
    file = Path(name.target.rpartition(":")[0])
    folder = file.parent if name.is_file else Path()
    if not is_same(held.get("source"), facts["source"], folder):
        start_afresh(store, name, plan, facts, tell)
        return ""
    if why := other_facts(name.text, held, facts):
        store.refuse(f"{why}: go back to that")
    return ""


def other_facts(backend: str, held: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Return in what a backend is not what a campaign has `held` it for, but for its source."""
    for what, value in facts.items():
        if what != "source" and held.get(what) != value:
            before, now = map(shortened, (held.get(what), value))
            return f"there {backend} had the {what} {before}, not {now}"
    return ""


def _noted(store: Store, backend: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the state knows of a backend; that is `facts` from now on if it knew nothing."""
    with store.transaction():
        held: Mapping[str, Any] | None = store.facts(backend)
        if held is None:
            store.note(backend, facts)
    return facts if held is None else held


def _source(name: Name, backend: Opened) -> dict[str, str]:
    """Return what a backend is made of here; one that is installed has a version."""
    file = Path(name.target.rpartition(":")[0])
    return {**(digests_of(file) if name.is_file else {}), **backend.sources()}


def facts_of(backend: Opened, plan: Plan) -> dict[str, Any]:
    """Return what has to stay the same, beside its source, for a backend's blocks to add up."""
    said = asdict(backend.capabilities)
    return {
        "version": backend.version,
        "device": backend.device,
        "dialect": plan.dialect_of(backend.capabilities),
        "dtypes": list(plan.dtypes_of(backend.capabilities)),
        "capabilities": {k: list(v) if isinstance(v, tuple) else v for k, v in said.items()},
    }


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
