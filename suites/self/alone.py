"""A backend judged by itself: a session of one, in the thread of a test."""

from bnparity.backends import Name
from bnparity.results import Judgement
from bnparity.sessions.plan import Plan
from bnparity.sessions.session import judged


def judge_backend(name: Name, plan: Plan, seconds: float) -> Judgement:
    """Judge one backend for at most `seconds`, those not counted in which it gets ready."""
    with plan.opened(name) as backend:
        for dtype in plan.dtypes_of(backend.capabilities) if backend.ask else ():
            backend.prepare(dtype)
        return judged(name, backend, plan, lambda *_: None, seconds)
