"""A backend as a campaign knows it: what it says of itself, and which one it is."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bnparity.backends import Name, Opened, opened
from bnparity.cases import declaration
from bnparity.sessions.campaign.conditions import Conditions
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.suitability import dtypes_of, takes_none_of


def register(store: Store, name: Name, conditions: Conditions) -> str:
    """Note a backend in the state; return why it cannot be asked, nothing if it can.

    Raises
    ------
    UsageError
        If it is no backend, or not the one that the state has results of.
    """
    with opened(name) as backend:
        if backend.ask is None:
            return backend.reason
        facts = _facts(name, backend, conditions)
    if not facts["dtypes"]:
        return takes_none_of(conditions.dtypes)
    declaration(facts["dialect"])
    store.register(name.text, facts)
    return ""


def _facts(name: Name, backend: Opened, conditions: Conditions) -> dict[str, Any]:
    """Return what has to stay the same for blocks of one backend to belong together."""
    said = asdict(backend.capabilities)
    return {
        "version": backend.version,
        "source": _digest(name),
        "device": backend.device,
        "dialect": conditions.dialect or backend.capabilities.dialect,
        "dtypes": list(dtypes_of(conditions.dtypes, backend.capabilities)),
        "capabilities": {k: list(v) if isinstance(v, tuple) else v for k, v in said.items()},
    }


def _digest(name: Name) -> str:
    """Return a digest of the file that a backend is in; of one that is installed, nothing."""
    if not name.is_file:
        return ""
    return hashlib.sha256(Path(name.target.rpartition(":")[0]).read_bytes()).hexdigest()
