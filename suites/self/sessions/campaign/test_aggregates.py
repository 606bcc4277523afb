"""Contributions merge: in any order, without loss, into a state that does not grow."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from bnparity.kernels import numpy_kernel
from bnparity.results.figures import Figures
from bnparity.sessions.campaign import aggregates
from bnparity.sessions.campaign.contribution import (
    MOST_SAMPLES,
    MOST_TEXTS,
    Contribution,
    Gathering,
    Sample,
)
from bnparity.sessions.campaign.figures import (
    counts_of,
    cut,
    figures_of,
    from_text,
    key,
    to_text,
    totals_of,
)
from bnparity.sessions.campaign.store import Store, stored
from hunting.evaluations import evaluated
from planted.catalogue import planted


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a state of one backend, of which nothing is known."""
    with stored(tmp_path, make=True) as made:
        made.note("it", {})
        yield made


def held(store: Store) -> tuple[object, ...]:
    """Return all that the state has of the backend."""
    return tuple(
        read(store, "it") for read in (aggregates.counts, aggregates.figures, aggregates.samples)
    )


def merged(folder: Path, contributions: list[Contribution]) -> tuple[object, ...]:
    """Return what a new state holds after these contributions."""
    with stored(folder, make=True) as store:
        for contribution in contributions:
            with store.transaction() as connection:
                aggregates.add(connection, "it", contribution)
        return held(store)


def faulty(number: int) -> Contribution:
    """Return the contribution of a block with faults in words of their own."""
    chance = Random(number)  # noqa: S311  # no secret
    texts = [key(f"error: {chance.randrange(400)}") for _ in range(20)]
    digest = f"{chance.randrange(10**9)}"
    return Contribution(
        counts=dict.fromkeys((("seen", text) for text in texts), 1 + number % 3),
        figures={
            key("a", "b", "c", chance.randrange(3), "output"): Figures(
                verdicts=Counter({"pass": number}),
                worst_ratio=chance.random(),
                bins=Counter({chance.randrange(4) / 2: number}),
                failed=Counter({chance.randrange(4) / 2: number}),
            )
        },
        samples={
            **{("first", text): (Sample(number, digest, "{}"),) for text in texts},
            ("passing", key()): tuple(Sample(0.0, f"{n}{digest}", "{}") for n in range(30)),
            ("worst", key("output")): (Sample(-chance.random(), digest, "{}"),),
        },
    )


def test_figures_of_a_tally_are_the_tally() -> None:
    """Nothing is lost on the way into a state and out of it: infinite ratios neither."""
    totals = evaluated(planted("rectified").make(), examples=300).totals
    totals.loosest.clear()  # a state has the cases of failures alone
    counts = counts_of(totals)
    for cell in totals.cells:
        counts["coverage", key(*cell, "4-31", "centred")] += 1
    texts = {place: to_text(found) for place, found in figures_of(totals).items()}
    read = {place: from_text(text) for place, text in texts.items()}
    assert totals_of(counts, read) == totals


def test_order_does_not_matter(tmp_path: Path) -> None:
    """Blocks may be counted in any order, also where not all of what they say is kept."""
    contributions = [faulty(number) for number in range(40)]
    inorder = merged(tmp_path / "in order", contributions)
    Random(1).shuffle(contributions)  # noqa: S311  # no secret
    assert merged(tmp_path / "shuffled", contributions) == inorder


def test_what_is_kept_does_not_grow(store: Store) -> None:
    """Of texts and samples there are a few, whatever comes."""
    for number in range(40):
        with store.transaction() as connection:
            aggregates.add(connection, "it", faulty(number))
    seen = [text for what, text in aggregates.counts(store, "it") if what == "seen"]
    assert len(seen) == MOST_TEXTS["seen"]
    kept = aggregates.samples(store, "it")
    assert len([text for what, text in kept if what == "first"]) == MOST_TEXTS["first"]
    assert all(len(samples) <= MOST_SAMPLES[what] for (what, _), samples in kept.items())


def test_worst_cases_stay(store: Store) -> None:
    """Of an output those with the largest ratios are kept, infinite ones before all."""
    ratios = [1.0, 3.0, math.inf, *(n / 100 for n in range(50))]
    for ratio in ratios:
        sample = Sample(-ratio, f"{ratio}", "{}")
        contribution = Contribution(
            counts={}, figures={}, samples={("worst", key("output")): (sample,)}
        )
        with store.transaction() as connection:
            aggregates.add(connection, "it", contribution)
    kept = aggregates.samples(store, "it")["worst", key("output")]
    assert [-sample.place for sample in kept] == sorted(ratios, reverse=True)[:8]


def test_failed_transaction_leaves_nothing(store: Store) -> None:
    """A block is counted whole or not at all."""
    before = held(store)

    def fail() -> None:
        with store.transaction() as connection:
            aggregates.add(connection, "it", faulty(1))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert held(store) == before


def test_long_texts_are_cut_and_stay_apart() -> None:
    """What a backend says cannot fill the state, and is not confused with what another says."""
    first, second = cut("a" * 10**6), cut("a" * 10**6 + "b")
    assert first != second
    assert len(first) < 600


def test_passing_and_failing_cases_are_kept_apart() -> None:
    """A diagnosis needs both."""
    gathering = Gathering(block=0)
    evaluation = evaluated(numpy_kernel.batch_norm, examples=5)
    for case_result in evaluation.passing:
        gathering.add(case_result)
    kinds = {what for what, _ in gathering.contribution(evaluation).samples}
    assert kinds == {"passing", "worst"}
