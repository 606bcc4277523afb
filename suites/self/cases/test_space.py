"""One space of cases, drawn from in two ways: by random numbers and by Hypothesis."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import hypothesis
import pytest
from bnparity.backends.formats import FORMATS
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.cases.space import Space
from bnparity.cases.strategies import space_of
from hypothesis import HealthCheck, Phase

TORCH = space_of(declaration("torch"), dtypes=FORMATS, min_values=0)

#: Pairs of a batch and a number of channels.
SMALL = Space(menus=((1, 2, 3), (1, 2)), made=lambda n, c: Case(shape=(n, c)))


def drawn(of: Space, seed: int = 0, count: int = 1000) -> list[Case]:
    """Return the first cases of a seed."""
    return [case for _, case in islice(of.drawn(seed), count)]


def test_places_make_the_case_that_was_drawn() -> None:
    """What is drawn can be made again, and moved on from."""
    assert all(TORCH.case(picks) == case for picks, case in islice(TORCH.drawn(5), 100))


def test_seed_decides_on_the_cases() -> None:
    """Equal seeds draw equal cases, others do not."""
    assert drawn(TORCH, 1, 20) == drawn(TORCH, 1, 20) != drawn(TORCH, 2, 20)


def test_cases_are_those_of_today() -> None:
    """A seed in a report draws the same in every install of one version."""
    first = drawn(TORCH, 0, 3)
    assert [(case.shape, case.dtype, case.recipe.seed) for case in first] == [
        ((3, 5, 1, 11), "float16", 7365),
        ((1, 1, 3, 2, 257), "bfloat16", 59035),
        ((127, 5), "float32", 7078),
    ]


def test_every_case_of_a_small_space_is_drawn_once() -> None:
    """Then there are no others, and it ends."""
    assert Counter(case.shape for case in drawn(SMALL)) == Counter(
        (n, c) for n in (1, 2, 3) for c in (1, 2)
    )


@pytest.mark.parametrize("seed", range(5))
def test_every_choice_comes_up_before_one_comes_again(seed: int) -> None:
    """A choice that is rare is not left out by chance."""
    of_a_menu = Space(menus=(range(7), range(10_000)), made=lambda n, _: Case(shape=(n + 1, 1)))
    places = [picks[0] for picks, _ in islice(of_a_menu.drawn(seed), 70)]
    assert all(sorted(places[n : n + 7]) == list(range(7)) for n in range(0, 70, 7))


def test_who_takes_less_is_asked_the_same_cases() -> None:
    """Of all backends' cases those that it takes, in their order, as it can be told them."""
    taken = SMALL.within(lambda case: case.shape[1] == 2, lambda case: case)
    assert drawn(taken) == [case for case in drawn(SMALL) if case.shape[1] == 2]


def test_grouped_cases_in_a_row_are_of_one_program() -> None:
    """They have less than half the programs of cases that are drawn one by one, and all differ."""
    alone, grouped = drawn(TORCH, count=300), drawn(replace(TORCH, grouped=True), count=300)
    assert len(set(grouped)) == 300
    assert 2 * len(set(map(program, grouped))) < len(set(map(program, alone)))


def program(case: Case) -> tuple[object, ...]:
    """Return what a compiler compiles in."""
    mode = (case.training, case.tracked, case.gradient, case.affine)
    return (case.shape, case.formats, *mode, case.momentum, case.eps)


def test_places_near_another_have_its_program() -> None:
    """What is moved on from there is no new program, and the rest is free."""
    near = next(picks for picks, _ in TORCH.drawn(0))
    found = hypothesis.find(TORCH.picks(near), lambda picks: picks != near)
    assert all(found[menu] == near[menu] for menu in TORCH.program)
    assert len(TORCH.choices(found, near)) == len(TORCH.menus) - len(TORCH.program)


@pytest.fixture(scope="module")
def by_hypothesis() -> list[Case]:
    """Return cases that Hypothesis draws."""
    seen: list[Case] = []

    @hypothesis.settings(
        max_examples=1500,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(TORCH.strategy())
    def see(case: Case) -> None:
        seen.append(case)

    see()
    return seen


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("rank", lambda c: len(c.shape)),
        ("formats", lambda c: (c.dtype, c.param_dtype)),
        ("mode", lambda c: (c.training, c.tracked)),
        ("affine", lambda c: c.affine),
        ("layout", lambda c: c.layout),
        ("values", lambda c: c.recipe.values),
        ("momentum", lambda c: c.momentum),
        ("repeated", lambda c: c.calls > 1),
        ("with a history", lambda c: bool(c.history)),
    ],
)
def test_both_ways_draw_alike(
    what: str, said: Callable[[Case], object], by_hypothesis: list[Case]
) -> None:
    """Whatever one way draws in a tenth of all cases, the other draws about as often."""
    ways = [Counter(map(said, cases)) for cases in (drawn(TORCH, 3, 2000), by_hypothesis)]
    shares = [{key: n / way.total() for key, n in way.items()} for way in ways]
    often = [key for key in shares[0] | shares[1] if max(s.get(key, 0.0) for s in shares) > 0.1]
    assert often, what
    assert all(0.6 < shares[0].get(k, 0.0) / max(shares[1].get(k, 0.0), 1e-9) < 1.7 for k in often)
