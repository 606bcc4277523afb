"""Every claim, and all those about one API measured on the layers of a backend."""

import math
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from numpy.typing import NDArray

from bnparity.backends import LayerError, Remote
from bnparity.judging import Api
from bnparity.porting.claims.claim import Answer, Claim, Page, answer
from bnparity.porting.claims.measures import MEASURES
from bnparity.porting.claims.pages import PAGES
from bnparity.porting.claims.parameters import announced, documented, written
from bnparity.porting.claims.subject import Subject, Unasked


def _claims(page: Page) -> Iterator[Claim]:
    """Yield a claim for each statement of a page and each API that it is about."""
    for topic, said in page.said.items():
        for api, measure in {**MEASURES, **page.own}[topic].items():
            yield Claim(
                id=f"{page.name}-{api}-{topic}",
                document=page.document,
                statement=said.format(
                    api=api,
                    kind=page.kind,
                    documented=written(documented(api, page.kind)),
                    announced=written(announced(page.kind)),
                ),
                api=api,
                kind=page.kind,
                measure=measure,
            )


CLAIMS = tuple(claim for page in PAGES for claim in _claims(page))


def answers(remote: Remote, api: Api, *, deadline: float = math.inf) -> tuple[Answer, ...]:
    """Return what is measured of every claim about `api`, on the layers that `remote` drives.

    After the `time.monotonic` of `deadline` no layer is called. What needs no call, or what was
    called before, is measured all the same.
    """

    def asked(
        request: Mapping[str, Any], arrays: Mapping[str, NDArray[Any] | None]
    ) -> tuple[Mapping[str, Any], Mapping[str, NDArray[Any] | None]]:
        # Calls are what takes time.
        if request["method"] == "call" and time.monotonic() > deadline:
            raise Unasked("late: the time for claims was used up")
        fields, found = remote(request, arrays)
        raised = fields["raised"]
        if raised is not None and raised["type"] in ("crash", "hang"):
            raise Unasked(str(LayerError(**raised)))
        return fields, found

    @cache
    def subject(kind: str) -> Subject:
        return Subject(remote=asked, api=api, kind=kind)

    return tuple(answer(claim, subject(claim.kind)) for claim in CLAIMS if claim.api == api)
