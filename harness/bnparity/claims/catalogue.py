"""Every claim, and all those about one API measured on the layers of a backend."""

from bnparity.claims import announced, page_1d, page_2d, page_3d, page_sync
from bnparity.claims.claim import Answer, Claim, answer
from bnparity.claims.subject import Subject
from bnparity.drivers.layer import Perform
from bnparity.trajectory import Api

CLAIMS: tuple[Claim, ...] = (
    *page_1d.CLAIMS,
    *page_2d.CLAIMS,
    *page_3d.CLAIMS,
    *page_sync.CLAIMS,
    *announced.CLAIMS,
)


def answers(perform: Perform, api: Api) -> tuple[Answer, ...]:
    """Return what is measured of every claim about `api`, on the layers that `perform` drives."""
    subject = Subject(perform=perform, api=api)
    return tuple(answer(claim, subject) for claim in CLAIMS if claim.api == api)
