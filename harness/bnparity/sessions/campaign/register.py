"""A backend as a campaign knows it: what it says of itself, and which one it is."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bnparity.backends import Name, Opened, opened
from bnparity.cases import declaration
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.plan import Plan


def register(store: Store, name: Name, plan: Plan) -> str:
    """Note a backend in the state; return why it cannot be asked, nothing if it can.

    Raises
    ------
    UsageError
        If it is no backend, or not the one that the state has results of.
    """
    with opened(name) as backend:
        if backend.ask is None:
            return backend.reason
        facts = _facts(name, backend, plan)
    if not facts["dtypes"]:
        return plan.takes_none
    declaration(facts["dialect"])
    store.register(name.text, facts)
    return ""


def _facts(name: Name, backend: Opened, plan: Plan) -> dict[str, Any]:
    """Return what has to stay the same for blocks of one backend to belong together.

    Of a backend in a file that is the file too; one that is installed has a version.
    """
    file = Path(name.target.rpartition(":")[0])
    said = asdict(backend.capabilities)
    return {
        "version": backend.version,
        "source": hashlib.sha256(file.read_bytes()).hexdigest() if name.is_file else "",
        "device": backend.device,
        "dialect": plan.dialect_of(backend.capabilities),
        "dtypes": list(plan.dtypes_of(backend.capabilities)),
        "capabilities": {k: list(v) if isinstance(v, tuple) else v for k, v in said.items()},
    }
