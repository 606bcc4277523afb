"""What a call is said not to show, neither its answer nor its bounds show, to the bit."""

from dataclasses import replace
from itertools import islice
from math import prod
from typing import Any

import numpy as np
import pytest
from bnparity.backends.formats import FORMATS
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.cases.strategies import space_of
from bnparity.judging.due import Due, due_of
from bnparity_reference import CONVENTIONS, OUTPUTS, alike

DECLARED = declaration("torch")
FIELDS = ("eps_floor", "channel_axis", "empty_batch", "single_value", "negative_variance", "nan")
#: Changes that come with others: of where statistics are taken, of which is which, of the update.
BESIDE: tuple[dict[str, Any], ...] = (
    {},
    {"statistics_over": "instance"},
    {"running_statistics": "swapped"},
    {"train_statistics": "updated"},
    {"bessel_count": "images"},
)
CASES = [
    case
    for _, case in islice(space_of(DECLARED, dtypes=FORMATS, min_values=0).drawn(11), 400)
    if prod(case.shape) < 2000
][:60]


def bits(due: Due) -> list[bytes | None]:
    """Return all that is due, as bytes."""
    arrays = [*(getattr(due.exact, name) for name in OUTPUTS), *due.tight.values()]
    return [None if a is None else np.asarray(a).tobytes() for a in arrays]


@pytest.mark.parametrize("field", FIELDS)
def test_what_a_call_does_not_show_changes_nothing(field: str) -> None:
    """Some calls show each of these conventions, and most do not."""
    shown = 0
    for number, case in enumerate(CASES):
        inputs, beside = make_inputs(case), BESIDE[number % len(BESIDE)]
        declared = replace(DECLARED.dialect, **beside)
        given = (inputs.x, inputs.weight, inputs.bias, inputs.running_mean, inputs.running_var)
        changes: list[dict[str, Any]] = [{field: value} for value in CONVENTIONS[field]]
        for change in changes:
            candidate = replace(declared, **change)
            same = alike(candidate, declared, *given, momentum=case.momentum, eps=case.eps)
            shown += same != declared
            if same == declared != candidate:
                assert bits(due_of(case, inputs, candidate)) == bits(
                    due_of(case, inputs, declared)
                ), (case, candidate)
    assert 0 < shown < len(CASES) * (len(CONVENTIONS[field]) - 1)
