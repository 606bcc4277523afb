"""Ordinary cases are enough in each format, and not the more the more formats there are."""

from collections import Counter

import pytest
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.cases.well_conditioned import SIZES, well_conditioned_cases

FORMATS = ("float32", "float64", "float16", "bfloat16")


@pytest.mark.parametrize(("formats", "each"), [(1, 24), (3, 24), (4, 16)])
def test_every_format_has_as_many_of_each_size(formats: int, each: int) -> None:
    """Of a coarse arithmetic each format tells at each size, with as many cases."""
    like = [Case(dtype=name, param_dtype=name) for name in FORMATS[:formats]]
    cases = well_conditioned_cases(like, declaration("torch").dialect)
    counts = Counter((case.dtype, case.shape[0]) for case in cases)
    assert set(counts.values()) == {each // len(SIZES)}
    assert len(counts) == formats * len(SIZES)
