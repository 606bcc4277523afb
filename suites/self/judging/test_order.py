"""Who is off on exact data has to be one whose results depend on the order of the values."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.exact_data import with_exact_data
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case, settings_of
from bnparity.judging.order import order_shows
from right.kernel import Kernel, Steps, kernel
from right.moments import updated

TORCH = declaration("torch").dialect
#: Far from what updates lose there, and far beyond what is accurate.
OFF = 1.0 + 2.0**-17


def exact_case(n: int) -> Case:
    """Return a case of exact data in training."""
    return with_exact_data(Case(shape=(n, 3), momentum=1.0, recipe=Recipe(values="exact")))


TWO_PASSES = kernel("two_passes", Steps())
UPDATING = kernel("updating", Steps(moments=updated))


def off_by_a_little(right: Kernel) -> Kernel:
    """Return a kernel whose running variance is too large by a few units in the last place."""

    def batch_norm(*args: Any, **kwargs: Any) -> Any:
        results: dict[str, Any] = dict(right(*args, **kwargs))
        return {**results, "running_var": results["running_var"] * np.float32(OFF)}

    return batch_norm


def shows(backend: Kernel, case: Case) -> bool:
    """Return whether the order of the values shows in what `backend` returns."""
    ask = in_process(backend)
    return order_shows(lambda c: ask(vars(make_inputs(c)), settings_of(c)), case, TORCH)


@pytest.mark.parametrize(("backend", "shown"), [(TWO_PASSES, False), (UPDATING, True)])
def test_order_shows_where_a_mean_is_updated(backend: Kernel, *, shown: bool) -> None:
    """Sums of exact data are the same to the bit in any order."""
    assert shows(backend, exact_case(3000)) == shown


def test_of_few_values_nothing_is_concluded() -> None:
    """There updates lose no more than sums."""
    assert shows(TWO_PASSES, exact_case(8))


def test_of_coarse_statistics_nothing_is_concluded() -> None:
    """Rounded to a half format they agree to the bit, whatever came before."""
    coarse = replace(exact_case(3000), dtype="bfloat16", param_dtype="bfloat16")
    assert shows(TWO_PASSES, coarse)


@pytest.mark.parametrize(("right", "verdict"), [(TWO_PASSES, "fail"), (UPDATING, "loose")])
def test_updates_are_an_excuse_for_who_makes_them(right: Kernel, verdict: str) -> None:
    """The same error is wrong from a kernel whose sums are exact."""
    result = run_case(in_process(off_by_a_little(right)), exact_case(6000), TORCH)
    verdicts = {check.output: check.verdict for check in result.checks}
    assert verdicts["running_var"] == verdict
    assert result.updating == (verdict == "loose")
