"""What a campaign has learnt so far, as a session would say it.

Figures are those that were counted. What explains a failure is found anew each time: the cases that
were kept are put to the backend again, so a state holds no arrays, and no words that a later
diagnosis would say better. What a session measures beside its cases, grades of sums, claims and
drift, is left to sessions.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from bnparity.backends.names import Name
from bnparity.backends.open import Capabilities, capabilities_in, opened
from bnparity.call import Fault
from bnparity.campaign import follow, ledger
from bnparity.campaign.conditions import limits_in
from bnparity.campaign.contribution import Sample, case_in
from bnparity.campaign.figures import tally_of
from bnparity.campaign.keys import Key, key
from bnparity.campaign.store import Store, unusable
from bnparity.case import Case
from bnparity.envs import interpreter_of
from bnparity.examine import Ask, Examination
from bnparity.findings import Finding, not_again
from bnparity.hunt import Suspect, suspicions
from bnparity.inputs import make_inputs
from bnparity.inquiry import MOST_EVIDENCE, Inquiry
from bnparity.mistakes import Mistake
from bnparity.session import Judgement, inquiry_of
from bnparity.vacuity import QUESTIONS, Answers, Question


def judgement_of(store: Store, name: Name) -> Judgement:
    """Return what the campaign in `store` says of the backend `name`.

    Raises
    ------
    Mistake
        If the backend has to be asked again and is not there, or if the state holds what no
        campaign writes.
    """
    try:
        return _judgement(store, name)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise unusable(store.folder, error) from error


def cases_found(store: Store) -> list[tuple[str, str, str, Case]]:
    """Return backend, dialect, suspicion and smallest case of each suspicion in the state.

    Raises
    ------
    Mistake
        If the state holds what no campaign writes.
    """
    try:
        return [
            (backend, str(store.facts(backend)["dialect"]), suspicion, case_in(payload))
            for backend in store.backends()
            for suspicion, payload in _smallest(store, backend).items()
        ]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise unusable(store.folder, error) from error


def _judgement(store: Store, name: Name) -> Judgement:
    facts, counts = store.facts(name.text), ledger.counts(store, name.text)
    tally = tally_of(counts, ledger.figures(store, name.text))
    ((seconds,),) = store.rows("SELECT seconds FROM backends WHERE name = ?", name.text)
    failing = {output for output, f in tally.outputs.items() if f.verdicts["fail"]}
    judgement = Judgement(
        name=name.text,
        interpreter=interpreter_of(name.base),
        version=facts["version"],
        device=facts["device"],
        dialect=facts["dialect"],
        seconds=seconds,
        tally=tally,
    )
    capabilities = capabilities_in(facts["capabilities"])
    if not failing:
        inquiry = _inquiry(_nobody, store, judgement, capabilities, counts)
        judgement.findings = inquiry.findings(capabilities.outputs)
        return judgement
    conditions = store.conditions()
    limits, here = limits_in(conditions), conditions["in_process"]
    with opened(name, limits=limits, in_process=here) as backend:
        if backend.ask is None:
            raise Mistake(f"{name.text} is unavailable: {backend.reason}")
        inquiry = _inquiry(backend.ask, store, judgement, capabilities, counts)
        _ask_again(inquiry, store, name.text)
        judgement.findings = (*inquiry.findings(capabilities.outputs), *_gone(inquiry, failing))
    return judgement


def _nobody(*_: object) -> Any:
    raise AssertionError("nothing has failed that would have to be asked again")


def _inquiry(
    ask: Ask,
    store: Store,
    judgement: Judgement,
    capabilities: Capabilities,
    counts: Mapping[Key, int],
) -> Inquiry:
    """Return the inquiry that has seen all that was counted, without any evidence."""
    dtypes = tuple(store.facts(judgement.name)["dtypes"])
    inquiry = inquiry_of(ask, capabilities, dtypes, judgement.dialect)
    inquiry.tally = judgement.tally
    for (what, text), count in counts.items():
        parts = json.loads(text)
        if what == "seen":
            inquiry.seen[tuple(parts)] = count
        elif what == "borrowed":
            inquiry.borrowed = parts[0]
    inquiry.answers = Answers(raised=_asked(counts, "raised"), answered=_asked(counts, "answered"))
    for suspicion, payload in _smallest(store, judgement.name).items():
        fault = json.loads(payload)["fault"]
        if fault is not None:
            faulty = _faulty(case_in(payload), fault)
            inquiry.suspects[suspicion] = Suspect(suspicion=suspicion, examination=faulty)
    return inquiry


def _asked(counts: Mapping[Key, int], what: str) -> frozenset[Question]:
    return frozenset(q for q in QUESTIONS if (what, key(q.output, q.text)) in counts)


def _smallest(store: Store, backend: str) -> dict[str, str]:
    """Return the smallest known case of each suspicion that is followed, as a payload."""
    firsts = {s: first.payload for s, first in follow.followed(store, backend).items()}
    return {**firsts, **follow.shrunk(store, backend)}


def _faulty(case: Case, fault: Any) -> Examination:
    """Return the examination of a case with a fault; what crashes or hangs is not asked again."""
    return Examination(
        case=case,
        inputs=make_inputs(case),
        outputs={},
        checks=(),
        fault=Fault(**{**fault, "text": str(fault["text"])}),
        asked=(),
    )


def _ask_again(inquiry: Inquiry, store: Store, backend: str) -> None:
    """Put the cases that were kept to the backend again, as evidence for a diagnosis."""
    for suspicion, payload in _smallest(store, backend).items():
        if json.loads(payload)["fault"] is None:
            examination = inquiry.put(case_in(payload))
            if suspicion in suspicions(examination):
                inquiry.suspects[suspicion] = Suspect(suspicion=suspicion, examination=examination)
    kept = ledger.samples(store, backend)
    failing = _in_turn([found for (what, _), found in kept.items() if what == "failing"])
    passing = kept.get(("passing", key()), ())
    for evidence, cases in ((inquiry.failing, failing), (inquiry.passing, passing)):
        for sample in cases[:MOST_EVIDENCE]:
            examination = inquiry.put(case_in(sample.payload))
            if examination.fault is None:
                evidence.append(examination)


def _in_turn(kinds: list[tuple[Sample, ...]]) -> list[Sample]:
    """Return the samples of all kinds, the first of each before the second of any."""
    return [sample for rank in zip_longest(*kinds) for sample in rank if sample is not None]


def _gone(inquiry: Inquiry, failing: Iterable[str]) -> list[Finding]:
    """Return a finding for each output that failed, and does not fail in any case asked again."""
    told = {output for diagnosis in inquiry.diagnoses for output in diagnosis.outputs}
    return [
        not_again(output, inquiry.tally.outputs[output].verdicts["fail"])
        for output in sorted(set(failing) - told)
    ]
