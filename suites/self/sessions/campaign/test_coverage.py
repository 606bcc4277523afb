"""The places that are counted as reached are among those that there are, and all can be."""

import pytest
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.cases.strategies import RANKS, space_of
from bnparity.sessions.campaign.coverage import Place, place_of, places
from hypothesis import HealthCheck, Phase, given, seed, settings


def reached(dtype: str, min_values: int) -> set[Place]:
    """Return the places of many cases."""
    seen: set[Place] = set()

    @seed(1)
    @settings(
        max_examples=3000,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(space_of(declaration("torch"), dtypes=(dtype,), min_values=min_values).strategy())
    def look(case: Case) -> None:
        seen.add(place_of(case))

    look()
    return seen


@pytest.mark.parametrize(("dtype", "min_values"), [("float32", 2), ("float16", 0)])
def test_places_are_all_combinations_of_what_is_seen(dtype: str, min_values: int) -> None:
    """Each value of each axis is drawn; how many combinations there are is their product."""
    seen = reached(dtype, min_values)
    product = 1
    for axis in zip(*seen, strict=True):
        product *= len(set(axis))
    expected = places(declaration("torch"), dtypes=(dtype,), ranks=RANKS, min_values=min_values)
    assert product == expected
    assert len(seen) <= expected
