"""Every claim, and all those about one API measured on the layers of a backend."""

import math
import time
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from bnparity.backends import Remote
from bnparity.judging import Api
from bnparity.porting.claims import announced, page_1d, page_2d, page_3d, page_sync
from bnparity.porting.claims.claim import Answer, Claim, answer
from bnparity.porting.claims.subject import Subject

CLAIMS: tuple[Claim, ...] = (
    *page_1d.CLAIMS,
    *page_2d.CLAIMS,
    *page_3d.CLAIMS,
    *page_sync.CLAIMS,
    *announced.CLAIMS,
)


def answers(remote: Remote, api: Api, *, deadline: float = math.inf) -> tuple[Answer, ...]:
    """Return what is measured of every claim about `api`, on the layers that `remote` drives.

    Parameters
    ----------
    remote
        What remotes acts upon layers.
    api
        Whose words they follow.
    deadline
        On the clock of `time.monotonic`; a layer is not called after it. What needs no call, or
        what was called before, is measured all the same.
    """
    subject = Subject(remote=_until(remote, deadline), api=api)
    return tuple(answer(claim, subject) for claim in CLAIMS if claim.api == api)


def _until(remote: Remote, deadline: float) -> Remote:
    """Return a `remote` that calls no layer after the deadline: calls are what takes time."""

    def limited(
        request: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | None]
    ) -> tuple[Mapping[str, Any], Mapping[str, NDArray[Any] | None]]:
        if request["method"] == "call" and time.monotonic() > deadline:
            late = {"type": "late", "message": "the time for claims was used up"}
            return {"raised": late, "value": None}, {}
        return remote(request, arrays)

    return limited
