"""A claim: one statement of a document, and how it is measured on a driven layer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bnparity.backends import LayerError
from bnparity.judging import Api
from bnparity.porting.claims.subject import Subject, Unasked

Verdict: TypeAlias = Literal["holds", "differs", "not checked"]

#: The longest text of an exception that evidence quotes.
_LONGEST = 160


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document that makes claims; of others than English ones statements are translated.

    ``version`` is of the frameworks that it documents; the address may not be known.
    """

    title: str
    language: str
    version: str
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured of a claim: a verdict, and the numbers or words behind it."""

    verdict: Verdict
    evidence: str


Measure: TypeAlias = Callable[[Subject], Measurement]
#: How a statement is measured, on the layers of each API that it is about.
Measures: TypeAlias = Mapping[Api, Measure]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a document says of one class of both APIs.

    The ids of its claims begin with ``name``. ``said`` are its statements in order, by topic; in
    braces are ``api``, ``kind``, and the parameters that are ``documented`` or ``announced``.
    ``own`` says how topics are measured that have another measure than on other pages.
    """

    name: str
    kind: str
    document: Document
    said: Mapping[str, str]
    own: Mapping[str, Measures] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement of a document, as it words it, about the class `kind` of one API."""

    id: str
    document: Document
    statement: str
    api: Api
    kind: str
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A claim, and what was measured of it on one backend."""

    claim: Claim
    measurement: Measurement

    def to_json(self) -> dict[str, str]:
        """Return the answer as the results have it."""
        claim = self.claim
        return {
            "id": claim.id,
            "api": claim.api,
            "statement": claim.statement,
            **vars(claim.document),
            **vars(self.measurement),
        }


def holds(true: bool, evidence: str) -> Measurement:
    """Return the measurement of a statement that is true, or that differs."""
    return Measurement(verdict="holds" if true else "differs", evidence=evidence)


def not_checked(reason: str) -> Measurement:
    """Return the measurement of a claim that cannot be measured here."""
    return Measurement(verdict="not checked", evidence=reason)


def answer(claim: Claim, subject: Subject) -> Answer:
    """Measure a claim; whatever goes wrong is told, and is never taken for holding.

    An exception where the document says that something works is a difference. Where there is no
    such layer, or its process is gone, or its answers make no sense, the claim is not checked.
    """
    return Answer(claim=claim, measurement=_measured(claim, subject))


def _measured(claim: Claim, subject: Subject) -> Measurement:
    try:
        _ = subject.parameters  # which raises where there is no such class
    except (LayerError, Unasked) as refused:
        return not_checked(f"it has no {claim.kind}: {told(refused)}")
    try:
        return claim.measure(subject)
    except Unasked as unasked:
        return not_checked(told(unasked))
    except LayerError as refused:
        return holds(False, f"it raised {told(refused)}")
    except Exception as error:  # noqa: BLE001  # a driver may be anybody's, and answer anything
        return not_checked(f"it could not be measured: {type(error).__name__}: {error}")


def told(refused: Exception) -> str:
    """Return the first line of an exception, shortened."""
    line = (str(refused).splitlines() or [""])[0]
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."
