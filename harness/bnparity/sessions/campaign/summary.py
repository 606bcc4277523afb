"""What a campaign has learnt so far, as a session would say it.

Figures are those that were counted. What explains a failure is found anew each time: the cases that
were kept are put to the backend again, so a state holds no arrays, and no words that a later
diagnosis would say better. What a session measures beside its cases, grades of sums, claims and
drift, is left to sessions.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from bnparity.backends import Fault, Name, UsageError, capabilities_in
from bnparity.cases import Case, make_inputs
from bnparity.judging import QUESTIONS, Answers, CaseResult, Failure, symptoms
from bnparity.results import Finding, Judgement, not_again, not_diagnosed
from bnparity.sessions.campaign import aggregates, shrinking
from bnparity.sessions.campaign.conditions import plan_in
from bnparity.sessions.campaign.contribution import case_in
from bnparity.sessions.campaign.figures import Key, finite, key, totals_of
from bnparity.sessions.campaign.source import with_run
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.evaluation import MOST_EVIDENCE, Evaluation, evaluation_of
from bnparity.sessions.findings import findings_of
from bnparity.sessions.plan import unjudged


def judgement_of(store: Store, name: Name) -> Judgement:
    """Return what the campaign in `store` says of the backend `name`.

    A `UsageError` if that has to be asked again and is not there, or if the state holds what no
    campaign writes.
    """
    with store.reading():
        return _judgement(store, name)


def known_judgements(store: Store) -> list[Judgement]:
    """Return what the campaign in `store` says of each of its backends, none of which is asked.

    So failures of outputs are told without what explains them. A `UsageError` if the state holds
    what no campaign writes.
    """
    with store.reading():
        rows = store.rows("SELECT name FROM backends ORDER BY name")
        # What a state names need not be here, and is not looked for.
        named = [Name(text=text, base=text.partition("[")[0], target="") for (text,) in rows]
        return [_without_asking(store, name) for name in named]


def cases_found(store: Store) -> list[tuple[str, str, str, Case]]:
    """Return backend, dialect, symptom and smallest case of each symptom in the state.

    A `UsageError` if it holds what no campaign writes.
    """
    with store.reading():
        return [
            (backend, str(store.facts(backend)["dialect"]), symptom, case_in(payload))
            for (backend,) in store.rows("SELECT name FROM backends ORDER BY name")
            for symptom, payload in shrinking.smallest(store, backend).items()
        ]


def _judgement(store: Store, name: Name) -> Judgement:
    judgement, evaluation = _known(store, name)
    outputs = _promised(store, name)
    failing = _failing(judgement)
    if not failing:
        judgement.findings = findings_of(evaluation, outputs)
        return judgement
    with plan_in(store.conditions()).opened(name) as backend:
        if backend.ask is None:
            raise UsageError(f"{name.text} is unavailable: {backend.reason}")
        evaluation.ask = backend.ask
        judgement.software = backend.software
        _ask_again(evaluation, store, name.text)
        judgement.findings = (*findings_of(evaluation, outputs), *_gone(evaluation, failing))
        with_run(store.facts(name.text)["source"], backend.sources())
    return judgement


def _without_asking(store: Store, name: Name) -> Judgement:
    judgement, evaluation = _known(store, name)
    cases = shrinking.smallest(store, name.text)
    unexplained = [
        not_diagnosed(
            output,
            figures=judgement.totals.outputs[output],
            smallest=case_in(cases[output]) if output in cases else None,
            dialect_name=judgement.dialect,
        )
        for output in sorted(_failing(judgement))
    ]
    judgement.findings = (*findings_of(evaluation, _promised(store, name)), *unexplained)
    return judgement


def _known(store: Store, name: Name) -> tuple[Judgement, Evaluation]:
    """Return what the state has counted of a backend, and an evaluation that recalls it."""
    facts, counts = store.facts(name.text), aggregates.counts(store, name.text)
    totals = totals_of(counts, aggregates.figures(store, name.text))
    ((seconds,),) = store.rows("SELECT seconds FROM backends WHERE name = ?", name.text)
    said = {what: facts[what] for what in ("version", "device", "dialect")}
    judgement = replace(unjudged(name), **said, seconds=finite(seconds), totals=totals)
    plan, capabilities = plan_in(store.conditions()), capabilities_in(facts["capabilities"])
    judgement.taken_for = capabilities.taken_for
    judgement.not_asked = plan.not_asked(capabilities)
    evaluation = evaluation_of(_nobody, capabilities, plan)
    evaluation.totals = totals
    _recall(evaluation, store, name.text, counts)
    return judgement, evaluation


def _promised(store: Store, name: Name) -> tuple[str, ...]:
    return capabilities_in(store.facts(name.text)["capabilities"]).outputs


def _failing(judgement: Judgement) -> set[str]:
    return {output for output, f in judgement.totals.outputs.items() if f.verdicts["fail"]}


def _nobody(*_: object) -> Any:
    raise AssertionError("nothing has failed that would have to be asked again")


def _recall(evaluation: Evaluation, store: Store, backend: str, counts: Mapping[Key, int]) -> None:
    """Tell an evaluation all that was counted, and the faults: what crashes is not asked again."""
    for (what, text), count in counts.items():
        parts = json.loads(text)
        if what == "seen":
            evaluation.seen[tuple(parts)] = count
        elif what == "borrowed":
            evaluation.borrowed = parts[0]
    raised, answered = (
        frozenset(q for q in QUESTIONS if (what, key(q.output, q.text)) in counts)
        for what in ("raised", "answered")
    )
    evaluation.answers = Answers(raised=raised, answered=answered)
    for symptom, payload in shrinking.smallest(store, backend).items():
        kept = json.loads(payload)
        if kept["fault"] is not None:
            faulty = _faulty(case_in(payload), kept["fault"], str(kept.get("printed", "")))
            evaluation.failures[symptom] = Failure(symptom=symptom, case_result=faulty)


def _faulty(case: Case, fault: Any, printed: str) -> CaseResult:
    return CaseResult(
        case=case,
        inputs=make_inputs(case),
        outputs={},
        checks=(),
        fault=Fault(**{**fault, "text": str(fault["text"])}),
        asked=(),
        printed=printed,
    )


def _ask_again(evaluation: Evaluation, store: Store, backend: str) -> None:
    """Put the cases that were kept to the backend again, as evidence for a diagnosis."""
    for symptom, payload in shrinking.smallest(store, backend).items():
        if json.loads(payload)["fault"] is None:
            case_result = evaluation.put(case_in(payload))
            if symptom in symptoms(case_result):
                evaluation.failures[symptom] = Failure(symptom=symptom, case_result=case_result)
    kept = aggregates.samples(store, backend)
    kinds = [found for (what, _), found in kept.items() if what == "failing"]
    in_turn = (sample for rank in zip_longest(*kinds) for sample in rank)  # the first of each first
    failing = [sample for sample in in_turn if sample is not None]
    passing = kept.get(("passing", key()), ())
    for evidence, cases in ((evaluation.failing, failing), (evaluation.passing, passing)):
        for sample in cases[:MOST_EVIDENCE]:
            case_result = evaluation.put(case_in(sample.payload))
            if case_result.fault is None:
                evidence.append(case_result)
    for (what, _), worst in kept.items():
        if what == "worst":
            evaluation.tally.keep_worst(evaluation.put(case_in(worst[0].payload)))


def _gone(evaluation: Evaluation, failing: set[str]) -> list[Finding]:
    """Return a finding for each output that failed, and does not fail in any case asked again."""
    told = {output for diagnosis in evaluation.diagnoses for output in diagnosis.outputs}
    return [
        not_again(output, evaluation.totals.outputs[output].verdicts["fail"])
        for output in sorted(failing - told)
    ]
