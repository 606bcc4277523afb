"""Two names in, a page out: sides, what is seen of them, and the claims measured on them."""

from collections.abc import Mapping, Sequence

from bnparity.backends import opened, parse
from bnparity.judging import Api
from bnparity.porting.claims.catalogue import answers
from bnparity.porting.claims.claim import Answer
from bnparity.porting.differences.asking import Seen, seen
from bnparity.porting.differences.blocks import Page
from bnparity.porting.differences.parameters import Known
from bnparity.porting.differences.sections import page_of
from bnparity.porting.differences.side import Side, side_called
from bnparity.porting.translation.signatures import APIS, KINDS


def differences_of(one: str, other: str) -> Page:
    """Return the page on what differs between two BatchNorms, measured where they are installed.

    Raises
    ------
    UsageError
        If a name is of no BatchNorm that is known.
    """
    sides = [side_called(one), side_called(other)]
    return pages([(sides[0], sides[1])])[0]


def pages(pairs: Sequence[tuple[Side, Side]]) -> list[Page]:
    """Return the pages on pairs of sides; each framework is asked once."""
    sides = list(dict.fromkeys(side for pair in pairs for side in pair))
    found, measured = seen(sides), _measured(pairs)
    return [
        page_of(_known(one, found, measured, other), _known(other, found, measured, one))
        for one, other in pairs
    ]


def _known(
    side: Side, found: Mapping[Side, Seen], measured: Mapping[Api, tuple[Answer, ...]], other: Side
) -> Known:
    told = tuple(
        answer
        for answer in (measured.get(_api(side), ()) if _documented(side, other) else ())
        if answer.claim.kind == side.kind
    )
    return Known(side=side, seen=found.get(side), answers=told)


def _documented(one: Side, other: Side) -> bool:
    """Return whether documents compare two sides: the same class of both APIs."""
    apis = {one.framework, other.framework}
    return apis == set(APIS) and one.kind == other.kind and one.kind in KINDS


def _api(side: Side) -> Api:
    return "torch" if side.framework == "torch" else "mindspore"


def _measured(pairs: Sequence[tuple[Side, Side]]) -> dict[Api, tuple[Answer, ...]]:
    """Return what is measured of the claims about both APIs, if a pair is one they compare."""
    measured: dict[Api, tuple[Answer, ...]] = {}
    for api in APIS if any(_documented(*pair) for pair in pairs) else ():
        with opened(parse(api)) as backend:
            if backend.remote is not None:
                measured[api] = answers(backend.remote, api)
    return measured
