"""What a backend says of itself decides on the order of its cases, and on nothing that is due."""

from itertools import islice

import pytest
from bnparity.backends.open import Capabilities
from bnparity.cases.dialects import declaration
from bnparity.sessions.askable import askable
from bnparity.sessions.plan import Plan


@pytest.mark.parametrize(("compiles", "shapes"), [("", range(55, 61)), ("shape", range(10, 31))])
def test_who_compiles_for_each_shape_is_asked_few(compiles: str, shapes: range) -> None:
    """Of sixty cases; all others are asked nearly as many shapes as cases."""
    space = askable(declaration("flax"), Capabilities(compiles=compiles), Plan())
    cases = [case for _, case in islice(space.drawn(0), 60)]
    assert len({(case.shape, case.training, case.eps) for case in cases}) in shapes


def test_cases_are_made_once_for_all_backends_of_a_dialect() -> None:
    """Who takes fewer formats is given the very cases that another is, where both take them."""
    torch, plan = declaration("torch"), Plan()
    one, other = (
        [case for _, case in islice(askable(torch, takes, plan).drawn(3), 60)]
        for takes in (Capabilities(), Capabilities(dtypes=("float32", "float64")))
    )
    seen = {id(case) for case in other}
    assert sum(id(case) in seen for case in one) > 30
